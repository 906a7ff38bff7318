import type { Reason } from "@mortise/core"

const errors: Readonly<Partial<Record<Reason, string>>> = {
  oauth_state_mismatch:
    "That attempt to sign in has expired, or was begun in another browser. Please try again.",
  oauth_denied: "You did not agree at GitHub, so nothing was done.",
  oauth_failed: "Something was wrong with what GitHub told us, so we did not believe it. Please try again.",
  oauth_unavailable: "We cannot reach GitHub at the moment. Please try again in a while.",
  oauth_email_missing: "GitHub did not tell us your email address, and an account here needs one.",
  oauth_email_unverified: "Your email address is not verified at GitHub. Verify it there, and try again.",
  oauth_account_exists: "There is an account with that email address already.",
  oauth_link_required: "There is an account with that email address already.",
  registration_closed: "New accounts are not possible at the moment.",
  forbidden: "That is not possible with this account.",
  rate_limited: "Too many attempts. Please wait a while.",
  not_signed_in: "Your session has ended. Please sign in again.",
}

/** The words for `?error=…`; a reason that nobody foresaw gets words too. */
export function signInMessage(reason: string | undefined): string | undefined {
  if (reason === undefined) return undefined
  return (
    Object.entries(errors).find(([known]) => known === reason)?.[1] ?? "That did not work. Please try again."
  )
}
