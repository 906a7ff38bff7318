import type { AddressInfo } from "node:net"
import PostalMime, { type Email } from "postal-mime"
import { SMTPServer, type SMTPServerOptions } from "smtp-server"

/** A mail as a server took it. */
export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  /** As it came over the line. */
  readonly raw: string
  readonly parsed: Email
}

/** An SMTP server on this machine. */
export interface MailServer {
  readonly port: number
  readonly mails: TakenMail[]
  stop(): Promise<void>
}

/** Takes every mail, but for what `options` say. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: TakenMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    // It would look for the client's name.
    disableReverseLookup: true,
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on("data", (chunk: Buffer) => chunks.push(chunk))
      stream.on("end", () => {
        const bytes = Buffer.concat(chunks)
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? "" : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        PostalMime.parse(bytes).then((parsed) => {
          mails.push({ from, to, raw: bytes.toString("latin1"), parsed })
          callback()
        }, callback)
      })
    },
    ...options,
  })
  server.on("error", () => {})
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
