import type { Awaitable } from "../awaitable.js"
import type { AccountMail } from "./account-mail.js"
import type { MagicLinkMail } from "./magic-link-mail.js"

/** A mail in both of its forms. They say the same: `text` is all that some people read, or hear. */
export interface MailContent {
  /** One line; a control character becomes a space when it is sent. */
  readonly subject: string
  readonly text: string
  /** A whole document. Whatever came from outside is escaped by whoever writes it. */
  readonly html: string
}

/** What a host says of itself in every mail. */
export interface MailHost {
  /** The name that its users know it by. One line, not escaped. */
  readonly appName: string
  /** IANA name of the time zone in which instants are written. */
  readonly timeZone: string
}

/**
 * Writes a sign-in mail. It may read from elsewhere (a database); what it throws reaches the caller of the sender as it is. The same mail must come
 * out the same each time. `metadata` may be what a visitor posted.
 */
export type MailTemplate<M = unknown> = (
  mail: MagicLinkMail<string, M>,
  host: MailHost,
) => Awaitable<MailContent>

/**
 * Writes mails about accounts, of every `kind`. Undefined: the built-in letter, in a locale that has one. As of {@link MailTemplate}, the same mail
 * must come out the same each time.
 */
export type AccountTemplate<None extends undefined = never> = (
  mail: AccountMail,
  host: MailHost,
) => Awaitable<MailContent | None>
