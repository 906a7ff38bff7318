import { type Duration, seconds } from "../duration.js"
import { ConfigError, MailError } from "../errors.js"
import { type BuiltInLocale, type LetterOptions, letterWriter } from "./letter-writer.js"
import { type Mailbox, mailbox } from "./mailbox.js"
import type { SendMail } from "./send-mail.js"
import { withTimeLimit } from "./time-limit.js"

/** A message as nodemailer takes it. Addresses are in parts, so that none can be read as a list. */
export interface SmtpMessage {
  readonly from: Mailbox
  readonly to: Mailbox
  readonly replyTo?: Mailbox
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly headers: Record<string, string>
  /** Texts are texts, never names of files or addresses to read. */
  readonly disableFileAccess: true
  readonly disableUrlAccess: true
}

/** What nodemailer's `createTransport()` makes, or anything that takes the same message. */
export interface SmtpTransporter {
  /** Resolves when a server has taken the message; rejects with an error that may have nodemailer's `code` and SMTP's `responseCode`. */
  sendMail(message: SmtpMessage): Promise<unknown>
}

/** How mails leave by SMTP. */
export interface SmtpOptions<Added extends string = never, M = unknown, AddedAccount extends string = never>
  extends LetterOptions<Added, M, AddedAccount> {
  /** Over TLS (`secure: true` or `requireTLS: true`), because the link is in the message. */
  readonly transporter: SmtpTransporter
  /** `"My App <login@example.com>"`, or the address alone. */
  readonly from: string
  readonly replyTo?: string
  /** For everything between here and the server's "yes". Default `"20s"`; the transporter's own limits may end sooner. */
  readonly timeout?: Duration
}

/**
 * Sends by SMTP. Each mail is tried once: whether a server that broke off took it, nobody can know.
 * @throws ConfigError `ERR_CONFIG_MAIL`, `ERR_CONFIG_DURATION`. The sender rejects with MailError: `refused` for an SMTP code of 5xx,
 * otherwise `unavailable`; `detail` is nodemailer's code and SMTP's (`EENVELOPE 550`).
 */
export function smtp<Added extends string = never, M = unknown, AddedAccount extends string = never>(
  options: SmtpOptions<Added, M, AddedAccount>,
): SendMail<BuiltInLocale | NoInfer<Added>, M, BuiltInLocale | NoInfer<AddedAccount>> {
  const { transporter } = options
  if (typeof transporter?.sendMail !== "function") {
    throw new ConfigError(
      "ERR_CONFIG_MAIL",
      "smtp: transporter has no sendMail. Write nodemailer's createTransport({ … }).",
    )
  }
  const writer = letterWriter(options)
  const from = mailbox("smtp: from", options.from)
  const answers = options.replyTo === undefined ? {} : { replyTo: mailbox("smtp: replyTo", options.replyTo) }
  const limit = seconds(options.timeout ?? "20s", "smtp: timeout")

  const send: SendMail<BuiltInLocale | Added, M, BuiltInLocale | AddedAccount> = async (mail) => {
    const { to, ...content } = await writer.write(mail)
    const message: SmtpMessage = {
      from,
      to: { name: "", address: to },
      ...answers,
      ...content,
      // RFC 3834 §5: no absence note is an answer to this.
      headers: { "Auto-Submitted": "auto-generated" },
      disableFileAccess: true,
      disableUrlAccess: true,
    }
    await withTimeLimit(limit, handOver(transporter, message))
  }
  return Object.assign(send, { locales: writer.locales, accountLocales: writer.accountLocales })
}

async function handOver(transporter: SmtpTransporter, message: SmtpMessage): Promise<void> {
  try {
    await transporter.sendMail(message)
  } catch (error) {
    throw mailError(error)
  }
}

/** What the server said may repeat address and message; only codes are taken, by their form. */
function mailError(error: unknown): MailError {
  const { code, responseCode } = Object(error) as Partial<Record<string, unknown>>
  const name = typeof code === "string" && /^E[A-Z]{2,15}\d?$/.test(code) ? code : "unknown"
  const isSmtpCode = typeof responseCode === "number" && /^[2-5]\d\d$/.test(`${responseCode}`)
  const refused = isSmtpCode && responseCode >= 500
  return new MailError(refused ? "refused" : "unavailable", isSmtpCode ? `${name} ${responseCode}` : name)
}
