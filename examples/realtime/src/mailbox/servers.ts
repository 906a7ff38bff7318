import { createServer, type Server } from "node:http"
import PostalMime from "postal-mime"
import { SMTPServer } from "smtp-server"
import type { Mailbox } from "./mailbox.js"

/** Takes every mail by SMTP, without a password and without TLS: it listens on this machine only. */
export function smtpServer(mailbox: Mailbox): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    // It would look for the client's name.
    disableReverseLookup: true,
    size: 1_048_576,
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on("data", (chunk: Buffer) => chunks.push(chunk))
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join(", ")
        PostalMime.parse(Buffer.concat(chunks)).then(({ subject = "", text = "" }) => {
          mailbox.add({ kind: "mail", to, subject, text })
          callback()
        }, callback)
      })
    },
  })
}

/** `GET /mails.json` answers what arrived, `POST /texts` takes a text message, as the interface of a provider would. */
export function mailboxServer(mailbox: Mailbox): Server {
  return createServer((request, response) => {
    if (request.method === "GET" && request.url === "/mails.json") {
      response.writeHead(200, { "content-type": "application/json" })
      response.end(JSON.stringify({ letters: mailbox.letters }))
      return
    }
    if (request.method !== "POST" || request.url !== "/texts") {
      response.writeHead(404).end()
      return
    }
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk
      if (body.length > 10_000) request.destroy()
    })
    request.on("end", () => {
      try {
        const { text, to } = JSON.parse(body) as { text: unknown; to: unknown }
        mailbox.add({ kind: "text", to: String(to), subject: "", text: String(text) })
        response.writeHead(202).end()
      } catch {
        response.writeHead(400).end()
      }
    })
  })
}
