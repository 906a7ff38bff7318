import { AuthError } from "../errors.js"
import type { Reason, Refusal } from "../outcome.js"

/** HTTP status and words of every reason (docs/reasons.md explains them; a test compares). */
export const reasons: Readonly<Record<Reason, readonly [status: number, detail: string]>> = {
  invalid_credentials: [401, "The e-mail address or the password is not right."],
  not_signed_in: [401, "Sign in first."],
  forbidden: [403, "You may not do this."],
  cross_origin: [403, "This came from another site."],
  registration_closed: [403, "Nobody can register here."],
  not_found: [404, "There is nothing here."],
  method_not_allowed: [405, "Not with this method."],
  conflict: [409, "This was changed at the same moment. Try again."],
  email_taken: [409, "This e-mail address has an account."],
  payload_too_large: [413, "This is too large."],
  unsupported_media_type: [415, "Send JSON, or a form."],
  invalid_request: [400, "A field is missing, doubled, or of the wrong type."],
  invalid_email: [422, "This is not an e-mail address."],
  password_too_short: [422, "The password is too short. A few random words make a good one."],
  password_too_long: [422, "The password is too long."],
  password_common: [422, "The password is easy to guess. A few random words make a good one."],
  password_breached: [422, "The password is known from a leak. Choose another."],
  password_unchanged: [422, "The new password is the old one."],
  rate_limited: [429, "Too many attempts. Wait a while."],
}

interface Problem {
  readonly status: number
  readonly reason: string
  readonly detail: string
  readonly retryAfter?: number | undefined
}

/** A refusal as an answer: problem details (RFC 9457), or a small page where a person is looking. */
export function refusalResponse(refusal: Refusal, realm: string, page: boolean): Response {
  const [status, detail] = reasons[refusal.reason]
  return respond(
    { status, reason: refusal.reason, detail: refusal.message ?? detail, retryAfter: refusal.retryAfter },
    realm,
    page,
  )
}

/** A fault as an answer. What broke is for the host's log: the visitor hears 503 if it may be over in a moment, else 500. */
export function faultResponse(fault: unknown, realm: string, page: boolean): Response {
  const { status, retryAfter } = fault instanceof AuthError ? fault : { status: 500, retryAfter: undefined }
  const [reason, detail] =
    status === 503
      ? ["unavailable", "Please try again in a moment."]
      : ["internal", "Something went wrong on our side."]
  return respond({ status, reason, detail, retryAfter }, realm, page)
}

function respond(problem: Problem, realm: string, page: boolean): Response {
  const { status, detail, retryAfter } = problem
  const headers = new Headers({
    "cache-control": "no-store",
    "content-type": page ? "text/html; charset=utf-8" : "application/problem+json",
  })
  if (retryAfter !== undefined) headers.set("retry-after", `${retryAfter}`)
  // RFC 9110 §11.6.1 wants a challenge with every 401; no scheme is registered for cookies.
  if (status === 401) headers.set("www-authenticate", `Cookie realm="${realm}"`)
  // Without `type` it is about:blank (RFC 9457 §3.1.1); JSON leaves out what is undefined.
  return new Response(page ? pageOf(detail) : JSON.stringify(problem), { status, headers })
}

/** For a person whom a form or a link has led here; hosts redirect to pages of their own where they can. */
function pageOf(detail: string): string {
  const text = escapeHtml(detail)
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${text}</title><p>${text}</p>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
