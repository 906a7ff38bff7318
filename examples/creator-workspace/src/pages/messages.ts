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
  not_found: "That device is already signed out.",
  conflict: "Somebody changed this at the same moment. Please try again.",
  rate_limited: "Too many attempts.",
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
  imported: "Imported. This is how it reads.",
}

/** The words for `?error=…&retry_after=…`; a reason that nobody foresaw gets words too. */
export function errorText(reason: string | undefined, retryAfter?: string): string | undefined {
  if (reason === undefined) return undefined
  const known = Object.hasOwn(errors, reason) ? errors[reason as Reason | ImportProblem] : undefined
  const text = known ?? "That did not work. Please try again."
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
