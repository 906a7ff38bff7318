import type { Reason } from "@mortise/core"

/** What the address bar may say: a reason of the library's or of the room's, and nothing that is shown as it stands. */
type Problem = Reason | "bad_message" | "bad_name" | "session_ended"

const errors: Readonly<Partial<Record<Problem, string>>> = {
  // What comes second is true of every address, so it tells nobody which ones have accounts.
  invalid_credentials:
    "The email address or password is incorrect. After several failed attempts, signing in pauses for a while.",
  wrong_password: "Your current password is incorrect.",
  invalid_email: "That does not look like an email address. Please check it for typos.",
  email_taken: "There is an account with that address already. Sign in, or choose a new password.",
  email_unchanged: "That is the address you have already.",
  invalid_request: "Something was missing. Please fill in every field and try again.",
  not_signed_in: "Your session has ended. Please sign in again.",
  session_ended:
    "You were signed out on another device, or somebody closed your session. Please sign in again.",
  forbidden: "That is not possible with this account.",
  not_found: "That is gone already.",
  conflict: "That changed at the same moment. Please try again.",
  rate_limited: "Too many attempts.",
  reauthentication_required: "It has been a while. Show once more that it is you, then repeat it.",
  insufficient_user_authentication: "That takes your second factor. Confirm it, then repeat it.",
  mfa_challenge_invalid: "That took too long, or was used already. Please sign in again.",
  code_invalid: "That code is not right. A code is good once; please try the next one.",
  factor_unavailable: "That is not among your second factors.",
  passkey_invalid: "That passkey was not accepted. Please try again.",
  too_many_passkeys: "You have twenty passkeys. Remove one first.",
  last_way_in: "That is needed to get into your account, so it stays.",
  link_invalid: "That link is not complete. Use the whole link from the mail.",
  link_expired: "That link has expired. Ask for a new one.",
  link_used: "That link has been used. Ask for a new one.",
  password_too_short: "That password is too short. Four or five random words make a good one.",
  password_too_long: "That password is too long.",
  password_common: "That password is easy to guess. Four or five random words make a better one.",
  password_breached: "That password is known from a data breach. Please choose another.",
  password_unchanged: "That is the password you have already. Please choose a new one.",
  bad_message: "A message has between one and 1,000 characters.",
  bad_name: "A name has between one and 40 characters.",
}

const notices: Readonly<Record<string, string>> = {
  registered: "Thank you. Now sign in with that address and password.",
  sessions_ended: "Done. Those devices are signed out.",
  password_changed: "Your password is changed, and every other device is signed out.",
  password_reset: "Your password is changed, and every device is signed out. Sign in with the new one.",
  reset_requested: "If there is an account with that address, a mail with a link is on its way to it.",
  code_sent: "A code is on its way.",
  factor_enrolled: "That is your second factor now, and every other device is signed out.",
  factor_removed: "Removed, and every other device is signed out.",
  passkey_added: "Your passkey is ready, and every other device is signed out.",
  passkey_removed: "That passkey is removed, and every other device is signed out.",
  passkey_renamed: "Renamed.",
  verification_sent: "A mail with a link is on its way to you.",
  email_verified: "Your email address is confirmed.",
  email_confirmation_sent:
    "A mail with a link is on its way to the new address. Until you follow it, nothing changes.",
  email_changed:
    "Your email address is changed. We have told the old one, and every other device is signed out.",
  email_change_undone:
    "Your old email address is back, and everything that was added since is gone. Choose a new password to sign in.",
  account_deactivated:
    "Your account is closed. A mail with the link that opens it again is on its way to you.",
  account_reactivated: "Your account is open again. Sign in as before.",
  erased: "Your account is gone, and everything that belonged to it.",
  consent_given: "Thank you. You can take that back here at any time.",
  consent_withdrawn: "Taken back.",
  renamed: "From now on you are called that.",
  room_closed: "The room is empty: everything that was said is gone.",
}

/** The words for `?error=…&retry_after=…`; a reason that nobody foresaw gets words too. */
export function errorText(reason: string | undefined, retryAfter?: string): string | undefined {
  if (reason === undefined) return undefined
  const known = Object.hasOwn(errors, reason) ? errors[reason as Problem] : undefined
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
