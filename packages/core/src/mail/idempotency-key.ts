import { sha256 } from "#primitives"
import type { AccountMail } from "./account-mail.js"
import type { MagicLinkMail } from "./magic-link-mail.js"

/**
 * What one mail is known by to a service that must not send it twice. A link is one attempt, so its digest is enough; without one, two mails are
 * the same if they say the same to the same person of the same millisecond. Digests only: headers get logged.
 */
export function idempotencyKey(mail: MagicLinkMail | AccountMail): string {
  const prefix = "kind" in mail ? mail.kind.replaceAll("_", "-") : "magic-link"
  return `${prefix}/${sha256(wordOf(mail))}`
}

function wordOf(mail: MagicLinkMail | AccountMail): string {
  if ("url" in mail) return mail.url
  const { to } = mail
  return JSON.stringify(mail.kind === "notice" ? [to, mail.notice, mail.at] : [to, mail.code, mail.expiresAt])
}
