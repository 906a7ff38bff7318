import type { EpochMs } from "../clock.js"
import { decodeBase64url } from "../crypto/base64url.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { Incoming } from "../http/incoming.js"
import { looksLikeAccessToken } from "../sessions/access-token-type.js"

/** What a socket's session is read by, the first time and each time after. It stays inside of closures: whoever prints a socket sees none. */
export interface SocketCredential {
  readonly token: string | undefined
  /** What the strategies and the rules look at. */
  readonly request: Incoming
  /** When the token itself is over, where it says so; Infinity where it does not. Its session may go on, with another token. */
  readonly endsAt: EpochMs
}

/** The upgrade request's own: an access token in its header, else what its cookie holds. */
export function ofUpgrade(incoming: Incoming, token: string | undefined): SocketCredential {
  const bearer = /^bearer +(\S+)$/i.exec(incoming.header("authorization") ?? "")?.[1]
  return { token, request: incoming, endsAt: endOf(looksLikeAccessToken(bearer) ? bearer : token) }
}

/**
 * A message's: as if the upgrade request had brought this token, and nothing else. Of an access token that is `Authorization: Bearer`; what a
 * cookie would hold is read without any header.
 */
export function ofMessage(incoming: Incoming, token: string): SocketCredential {
  const own = new Map([["authorization", looksLikeAccessToken(token) ? `Bearer ${token}` : undefined]])
  for (const name of ["cookie", "dpop"]) own.set(name, undefined)
  return { token, request: withHeaders(incoming, own), endsAt: endOf(token) }
}

/** `exp` (RFC 7519 §4.1.4), unverified: it can only make a socket's life shorter, and the token is checked wholly each time. */
function endOf(token: string | undefined): EpochMs {
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(token?.split(".")[1] ?? "")))
    const exp: unknown = Reflect.get(Object(claims), "exp")
    return typeof exp === "number" ? exp * 1000 : Infinity
  } catch {
    return Infinity
  }
}

/**
 * A token that is bound to a key comes with a proof for one request (RFC 9449 §4.2). A socket asks again for as long as it is open, and there is
 * no proof for that: such a token opens none.
 */
export function isBoundToKey(request: GuardedRequest): boolean {
  return /^dpop\b/i.test(request.header("authorization") ?? "")
}

/** Looks and renews nothing: an open socket is no activity of its user's. */
export function peeking(incoming: Incoming): Incoming {
  return withHeaders(incoming, new Map([["mortise-session", "peek"]]))
}

function withHeaders(incoming: Incoming, own: ReadonlyMap<string, string | undefined>): Incoming {
  return { ...incoming, header: (name) => (own.has(name) ? own.get(name) : incoming.header(name)) }
}
