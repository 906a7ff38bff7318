import type { GuardedRequest } from "../guarded-request.js"

/**
 * The token of `Authorization: Bearer` (RFC 6750 §2.1), unverified, "" where none follows. Undefined for no such header: another scheme is
 * somebody else's. Where it stands there it alone counts, right or wrong: a cookie beside it is not looked at.
 */
export function bearerToken(request: GuardedRequest): string | undefined {
  const header = request.header("authorization")
  if (!header) return undefined
  if (header.startsWith("Bearer ") && header[7] !== " ") return header.slice(7)
  const [, scheme, token = ""] = /^(bearer)(?: +(.*))?$/is.exec(header) ?? []
  return scheme === undefined ? undefined : token
}
