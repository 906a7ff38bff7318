import { sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import type { TokenClaims } from "./token.js"

/** What signatures were found right, so that each is checked once. */
export interface VerifiedTokens {
  find(token: string): TokenClaims | undefined
  keep(token: string, claims: TokenClaims): void
}

const most = 10_000

/**
 * Keyed by the digest of the whole token: of two that differ in one letter of the signature one was never seen. It says that a signature is
 * right, nothing else: time and revocation are looked at in every request. Bounded; the oldest goes first, and each at its end.
 */
export function verifiedTokens(endOf: (claims: TokenClaims) => number, clock: Clock): VerifiedTokens {
  const byDigest = new Map<string, TokenClaims>()
  return {
    find(token) {
      const digest = sha256(token)
      const claims = byDigest.get(digest)
      if (!claims || clock() < endOf(claims) * 1000) return claims
      byDigest.delete(digest)
      return undefined
    },
    keep(token, claims) {
      if (byDigest.size >= most) {
        const [oldest] = byDigest.keys()
        byDigest.delete(oldest as string)
      }
      byDigest.set(sha256(token), frozen(claims))
    },
  }
}

/** To its leaves: a request that changes its claims must not change those of the next one. */
function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen)
  return Object.freeze(value)
}
