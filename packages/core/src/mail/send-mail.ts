import type { AccountMail } from "./account-mail.js"
import type { MagicLinkMail } from "./magic-link-mail.js"

/**
 * Hands over every mail there is: fits wherever a flow wants `SendMagicLink` or `SendAccountMail`. `L` are the locales of sign-in mails, `A` those of
 * mails about accounts.
 */
export interface SendMail<L extends string = string, M = unknown, A extends string = L> {
  (mail: MagicLinkMail<L, M> | AccountMail<A>): Promise<unknown>
  /** The locales that it has sign-in letters for. Absent: it takes every one. */
  readonly locales?: readonly string[]
  /** The locales that it has letters about accounts for. Absent: those of `locales`. */
  readonly accountLocales?: readonly string[]
}
