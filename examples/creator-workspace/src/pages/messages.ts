import type { Reason } from "@mortise/core"

/** What the address bar may say: a reason from the library or from the import, and nothing that is shown as it stands. */
export type ImportProblem = "no_file" | "empty_file" | "not_text" | "file_too_large"

const errors: Readonly<Partial<Record<Reason | ImportProblem, string>>> = {
  // What comes second is true of every address, so it tells nobody which ones have accounts.
  invalid_credentials:
    "The email address or password is incorrect. After several failed attempts, signing in pauses for a while.",
  wrong_password: "Your current password is incorrect.",
  invalid_email: "That does not look like an email address. Please check it for typos.",
  invalid_request: "Something was missing. Please fill in every field and try again.",
  not_signed_in: "Your session has ended. Please sign in again.",
  forbidden: "That is not possible with this account.",
  not_found: "That is gone already.",
  conflict: "Somebody changed this at the same moment. Please try again.",
  rate_limited: "Too many attempts.",
  registration_closed: "New accounts are not possible at the moment.",
  oauth_state_mismatch:
    "That attempt to sign in has expired, or was begun in another browser. Please try again.",
  oauth_denied: "You did not agree at {provider}, so nothing was done. Try again, or choose another way.",
  oauth_failed:
    "Something was wrong with what {provider} told us, so we did not believe it. Please try again.",
  oauth_unavailable: "We cannot reach {provider} at the moment. Try again, or choose another way.",
  oauth_email_missing:
    "We were not told your email address by {provider}, and an account here needs one. Try again and allow it, or choose another way.",
  oauth_email_unverified:
    "Your email address is not verified at {provider}. Verify it there and try again, or choose another way.",
  oauth_account_exists:
    "There is an account with that email address already. Sign in the way you did before.",
  oauth_link_required: "That account has another email address. Sign in to the one that has the same.",
  identity_taken: "That account at {provider} is connected to somebody else here already.",
  reauthentication_required: "That takes a fresh sign-in. Sign in again, then repeat it.",
  last_way_in: "That is the only way into your account, so it stays. Connect another one first.",
  password_too_short: "That password is too short. Four or five random words make a good one.",
  password_too_long: "That password is too long.",
  password_common: "That password is easy to guess. Four or five random words make a better one.",
  password_breached: "That password is known from a data breach. Please choose another.",
  password_unchanged: "That is the password you have already. Please choose a new one.",
  no_file: "Choose a file first: your ARTICLE.md.",
  empty_file: "That file is empty. Has it been saved?",
  not_text: "That file is not a text in UTF-8. Save it as plain Markdown, in UTF-8, and try again.",
  file_too_large: "That file is larger than 256 KB, which is a whole book. Is it the right one?",
}

const notices: Readonly<Record<string, string>> = {
  registered:
    "Thank you. Now sign in with that address and password. (If the address had an account already, its old password still stands.)",
  signed_out: "You are signed out.",
  sessions_ended: "Done. Those devices are signed out.",
  password_changed: "Your password is changed, and every other device is signed out.",
  identity_linked: "Connected. From now on it signs you in as well.",
  identity_unlinked:
    "Disconnected. It no longer signs anybody in here, and every other device is signed out.",
  imported: "Imported. This is how it reads.",
}

/** The words for `?error=…&retry_after=…`; a reason that nobody foresaw gets words too. `provider` is the label of one of ours. */
export function errorText(
  reason: string | undefined,
  retryAfter?: string,
  provider = "the provider",
): string | undefined {
  if (reason === undefined) return undefined
  const known = Object.hasOwn(errors, reason) ? errors[reason as Reason | ImportProblem] : undefined
  const text = (known ?? "That did not work. Please try again.").replace("{provider}", provider)
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter)
    ? `${text} Please wait ${waitText(Number(retryAfter))}.`
    : text
}

/** The words for `?notice=…`; an unknown one says nothing. */
export function noticeText(notice: string | undefined): string | undefined {
  return notice !== undefined && Object.hasOwn(notices, notice) ? notices[notice] : undefined
}

function waitText(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "a second" : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? "a minute" : `${minutes} minutes`
}
