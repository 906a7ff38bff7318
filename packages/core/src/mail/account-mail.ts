import type { EpochMs } from "../clock.js"

/** What happened to an account, for a mail that asks nothing. */
export type AccountNotice =
  | "password_changed"
  | "password_reset"
  | "factor_added"
  | "factor_removed"
  | "recovery_codes_replaced"
  | "recovery_code_used"
  | "account_reactivated"
  | "account_erased"

/**
 * A mail about somebody's account. Links and codes are bearer secrets: they belong in the mail, and in no log.
 *
 * - `verify_email`: proves that its reader has the address. `confirm_email`: the same for an address that is to become the account's.
 * - `email_changed`: to the address that was the account's until now; its link takes the change back.
 * - `reset_password`, `reactivate_account`: a link to the page that does it.
 * - `second_factor`: a code to be typed.
 * - `notice`: nothing to do, if it was the reader.
 */
export type AccountMail<L extends string = string> = {
  /** The canonical address (`canonicalEmail`): no list, no name, no control character. */
  readonly to: string
  readonly locale: L
} & (
  | {
      readonly kind:
        | "verify_email"
        | "confirm_email"
        | "email_changed"
        | "reset_password"
        | "reactivate_account"
      /** The link, on the host's own origin. */
      readonly url: string
      readonly expiresAt: EpochMs
    }
  | { readonly kind: "second_factor"; readonly code: string; readonly expiresAt: EpochMs }
  | { readonly kind: "notice"; readonly notice: AccountNotice; readonly at: EpochMs }
)

/**
 * Hands a mail over; a host may write its own. Called off the response path, once per mail, several at a time. What it resolves
 * with is not looked at; a rejection means that nobody knows of a mail that left.
 */
export interface SendAccountMail<L extends string = string> {
  (mail: AccountMail<L>): Promise<unknown>
  /** The locales that it has words for. A flow that offers another is refused at construction. Absent: it takes every one. */
  readonly locales?: readonly string[]
  /** The same, of a sender that has other locales for sign-in mails. Goes before `locales`. */
  readonly accountLocales?: readonly string[]
}
