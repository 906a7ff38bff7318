import type { AccountMail, AccountNotice } from "../../src/mail.js"
import { canaries } from "./sign-in-mail.js"

const url = `https://app.example.com/auth/some/link?token=${canaries.token}&lang=en`
const expiresAt = Date.UTC(2026, 10, 21, 16, 50, 30)

const bodies: { readonly [Kind in Exclude<AccountMail["kind"], "notice">]: object } = {
  verify_email: { url, expiresAt },
  confirm_email: { url, expiresAt },
  email_changed: { url, expiresAt },
  reset_password: { url, expiresAt },
  reactivate_account: { url, expiresAt },
  second_factor: { code: canaries.code, expiresAt },
}

const notices: { readonly [Notice in AccountNotice]: true } = {
  password_changed: true,
  password_reset: true,
  factor_added: true,
  factor_removed: true,
  recovery_codes_replaced: true,
  recovery_code_used: true,
  account_reactivated: true,
  account_erased: true,
}

/** Every mail about an account that there is, by what it is. A kind or notice that is missing here does not compile. */
export const accountMails: readonly (readonly [what: string, mail: AccountMail<"en" | "de">])[] = [
  ...Object.entries(bodies).map(([kind, body]) => [kind, mailOf({ kind, ...body })] as const),
  ...Object.keys(notices).map(
    (notice) => [`notice: ${notice}`, mailOf({ kind: "notice", notice, at: expiresAt })] as const,
  ),
]

/** One of them, but for what is changed. */
export function accountMail(
  what: AccountMail["kind"],
  changes: Partial<Record<"to" | "locale" | "url" | "code", string>> = {},
): AccountMail<"en" | "de"> {
  const body = what === "notice" ? { notice: "password_changed", at: expiresAt } : bodies[what]
  return { ...mailOf({ kind: what, ...body }), ...changes } as AccountMail<"en" | "de">
}

function mailOf(body: object): AccountMail<"en" | "de"> {
  return { to: canaries.address, locale: "en", ...body } as AccountMail<"en" | "de">
}
