import { sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import type { TokenClaims } from "./token.js"

/** What signatures were found right, so that each is checked once. */
export interface VerifiedTokens {
  /** The digest of the whole token, under which it is kept. */
  keyOf(token: string): string
  find(key: string): TokenClaims | undefined
  keep(key: string, claims: TokenClaims): void
}

/** There are two: the young one is filled, then it is the old one, and what nobody asked for meanwhile is forgotten. */
const generation = 5_000

/**
 * Keyed by the digest of the whole token: of two that differ in one letter of the signature one was never seen. It says that a signature is
 * right, nothing else: time and revocation are looked at in every request. Bounded by two generations. (A Map whose oldest entry is deleted
 * for every new one walks over all that were deleted since it last grew: 4 µs and more.)
 */
export function verifiedTokens(endOf: (claims: TokenClaims) => number, clock: Clock): VerifiedTokens {
  let young = new Map<string, TokenClaims>()
  let old: ReadonlyMap<string, TokenClaims> = new Map()

  function add(key: string, claims: TokenClaims): void {
    if (young.size >= generation) {
      old = young
      young = new Map()
    }
    young.set(key, claims)
  }

  return {
    keyOf: sha256,
    find(key) {
      const fresh = young.get(key)
      const claims = fresh ?? old.get(key)
      if (!claims || clock() >= endOf(claims) * 1000) return undefined
      if (!fresh) add(key, claims)
      return claims
    },
    keep: (key, claims) => add(key, frozen(claims)),
  }
}

/** To its leaves: a request that changes its claims must not change those of the next one. */
export function frozen<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (typeof member === "object" && member !== null) frozen(member)
  return Object.freeze(value)
}
