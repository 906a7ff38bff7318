import type { EpochMs } from "../clock.js"
import type { Principal } from "../sessions/session.js"
import type { CloseReason } from "./close-codes.js"

/** What a client sends to be known: `{"type":"Authenticate","user_id":"…","session_token":"…"}`. */
export interface Authenticate {
  readonly userId: string
  readonly token: string
}

const longestUserId = 128

/**
 * Reads a client's message. Undefined for any that is the host's; `"malformed"` for an `Authenticate` without both of its texts. Members of other
 * names are not looked at.
 */
export function authenticateIn(text: string): Authenticate | "malformed" | undefined {
  // Most messages are the host's, and are parsed by the host alone. An escape could spell the word as well.
  if (!text.includes("Authenticate") && !text.includes("\\u")) return undefined
  const message = objectIn(text)
  if (message?.["type"] !== "Authenticate") return undefined
  const { session_token: token, user_id: userId } = message
  return isText(userId) && userId.length <= longestUserId && isText(token) ? { userId, token } : "malformed"
}

/** What a client is told when it is known. `expires_at`, in epoch milliseconds, of the token or of the session, whichever is first. */
export function authSuccess({ session, userId }: Principal<object>, endsAt: EpochMs): string {
  return JSON.stringify({
    type: "AuthSuccess",
    user_id: userId,
    session_id: session.id,
    expires_at: endsAt,
  })
}

/** What a client is told before it is closed. `retry_after` in seconds, with `rate_limited` alone. */
export function authFailure(reason: CloseReason, retryAfter: number | undefined): string {
  return JSON.stringify({ type: "AuthFailure", reason, retry_after: retryAfter })
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== ""
}
