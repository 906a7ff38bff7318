import { smtp } from "@mortise/core/mail/smtp"
import type { SmsCode } from "@mortise/core/mfa"
import { createTransport } from "nodemailer"
import type { Settings } from "../settings.js"
import type { Letter } from "./mailbox.js"

/** What leaves the house, and how. */
export interface Senders {
  readonly mail: ReturnType<typeof smtp>
  /** Undefined where nobody carries text messages: then there are no codes by them. */
  readonly text: ((message: SmsCode) => Promise<void>) | undefined
  /** What has arrived, in the demo. */
  readonly arrived: (() => Promise<readonly Letter[]>) | undefined
}

/** Mails by SMTP; text messages to the demo's mail server. A deployment hands them to its own provider here. */
export function createSenders({ mailbox, mailFrom, smtpUrl }: Settings): Senders {
  const url = new URL(smtpUrl)
  const transporter = createTransport({
    host: url.hostname,
    port: Number(url.port || (url.protocol === "smtps:" ? 465 : 587)),
    secure: url.protocol === "smtps:",
    // Links and codes are in the mails: nothing leaves this machine in the clear.
    requireTLS: mailbox === undefined,
    ignoreTLS: mailbox !== undefined,
    ...(url.username === ""
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
  })
  return {
    mail: smtp({ transporter, from: mailFrom, appName: "Parlour" }),
    text: mailbox === undefined ? undefined : (message) => sendText(mailbox, message),
    arrived: mailbox === undefined ? undefined : () => lettersIn(mailbox),
  }
}

async function sendText(mailbox: string, { text, to }: SmsCode): Promise<void> {
  const response = await fetch(`${mailbox}/texts`, {
    method: "POST",
    body: JSON.stringify({ to, text }),
    signal: AbortSignal.timeout(5000),
  })
  if (!response.ok) throw new Error(`The provider of text messages answered ${response.status}.`)
}

async function lettersIn(mailbox: string): Promise<readonly Letter[]> {
  const response = await fetch(`${mailbox}/mails.json`, { signal: AbortSignal.timeout(2000) })
  const { letters } = (await response.json()) as { letters: readonly Letter[] }
  return letters
}
