import { AuthError, OverloadError, StoreError } from "../errors.js"
import type { Reason, Refusal } from "../outcome.js"

/** HTTP status and words of every reason (docs/reasons.md explains them; a test compares). */
export const reasons: Readonly<Record<Reason, { readonly status: number; readonly detail: string }>> = {
  invalid_credentials: { status: 401, detail: "The e-mail address or the password is not right." },
  not_signed_in: { status: 401, detail: "Sign in first." },
  forbidden: { status: 403, detail: "You may not do this." },
  cross_origin: { status: 403, detail: "This request came from another site." },
  registration_closed: { status: 403, detail: "Accounts cannot be created here." },
  not_found: { status: 404, detail: "There is nothing here." },
  method_not_allowed: { status: 405, detail: "This address does not take that method." },
  conflict: { status: 409, detail: "Somebody changed this at the same moment. Look again, then retry." },
  email_taken: { status: 409, detail: "There is an account with this address already." },
  payload_too_large: { status: 413, detail: "The request is too large." },
  unsupported_media_type: { status: 415, detail: "Send JSON, or an HTML form." },
  invalid_request: { status: 400, detail: "A field is missing, doubled, or of the wrong type." },
  invalid_email: { status: 422, detail: "This is not an e-mail address." },
  password_too_short: {
    status: 422,
    detail: "The password is too short. A few random words make a good one.",
  },
  password_too_long: { status: 422, detail: "The password is too long." },
  password_common: {
    status: 422,
    detail: "This password is easy to guess. A few random words make a better one.",
  },
  password_breached: { status: 422, detail: "This password is known from a data breach. Choose another." },
  password_unchanged: { status: 422, detail: "The new password is the old one." },
  rate_limited: { status: 429, detail: "Too many attempts. Wait a while." },
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
}

interface Problem {
  readonly status: number
  readonly reason: string
  readonly detail: string
  readonly retryAfter?: number | undefined
}

/** A refusal as an answer: problem details (RFC 9457), or a small page where a person is looking. */
export function refusalResponse(refusal: Refusal, realm: string, page: boolean): Response {
  const { status, detail } = reasons[refusal.reason]
  return respond(
    { status, reason: refusal.reason, detail: refusal.message ?? detail, retryAfter: refusal.retryAfter },
    realm,
    page,
  )
}

/** A fault as an answer. What broke is for the host's log: the visitor hears 503 for stores and overload, 500 for the rest. */
export function faultResponse(fault: unknown, realm: string, page: boolean): Response {
  const code = fault instanceof AuthError ? fault.code : "ERR_INTERNAL"
  if (fault instanceof StoreError || code === "ERR_BREACH_CHECK") {
    return respond(
      { status: 503, reason: "unavailable", detail: "Please try again in a moment.", retryAfter: 1 },
      realm,
      page,
    )
  }
  if (fault instanceof OverloadError) {
    return respond(
      { status: 503, reason: "busy", detail: "Please try again in a moment.", retryAfter: fault.retryAfter },
      realm,
      page,
    )
  }
  return respond(
    { status: 500, reason: "internal", detail: "Something went wrong on our side." },
    realm,
    page,
  )
}

function respond(problem: Problem, realm: string, page: boolean): Response {
  const { status, reason, detail, retryAfter } = problem
  const title = titles[status] ?? "Error"
  const headers = new Headers({
    "cache-control": "no-store",
    "content-type": page ? "text/html; charset=utf-8" : "application/problem+json",
  })
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter))
  // RFC 9110 §11.6.1 wants a challenge with every 401; no scheme is registered for cookies.
  if (status === 401) headers.set("www-authenticate", `Cookie realm="${realm}"`)
  const body = page
    ? pageOf(title, detail)
    : JSON.stringify({
        type: "about:blank",
        title,
        status,
        detail,
        reason,
        ...(retryAfter === undefined ? {} : { retryAfter }),
      })
  return new Response(body, { status, headers })
}

function pageOf(title: string, detail: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>body{font:1rem/1.5 system-ui;max-width:32rem;margin:20vh auto;padding:0 1rem}</style>
<h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p></html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
