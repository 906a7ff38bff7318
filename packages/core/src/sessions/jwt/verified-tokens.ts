import { sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import { frozen } from "./frozen.js"
import type { TokenClaims } from "./token.js"

/** What signatures were found right, so that each is not checked again and again. */
export interface VerifiedTokens {
  find(token: string): TokenClaims | undefined
  /** Keeps what comes a second time: of tokens that come once, more would be kept than found. */
  keep(token: string, claims: TokenClaims): void
}

/** There are two: the young one is filled, then it is the old one, and what nobody asked for meanwhile is forgotten. */
const generation = 5_000
/** Tokens share them by chance, which costs a digest or keeps one too early, and nothing else. */
const doorCount = 65_536
const [cameOnce, isKept] = [1, 2]

interface Kept {
  readonly claims: TokenClaims
  readonly door: number
}

/**
 * Keyed by the digest of the whole token: of two that differ in one letter of the signature one was never seen, and no token lies in memory. It says
 * that a signature is right, nothing else: time and revocation are looked at in every request. Bounded by two generations. (A Map whose oldest
 * entry is deleted for every new one walks over all that were deleted since it last grew: 4 µs and more.) A byte per door says whether
 * a token can be kept at all, so that one that comes for the first time costs no digest.
 */
export function verifiedTokens(endOf: (claims: TokenClaims) => number, clock: Clock): VerifiedTokens {
  const doors = new Uint8Array(doorCount)
  let young = new Map<string, Kept>()
  let old: ReadonlyMap<string, Kept> = new Map()
  let firsts = 0

  function add(digest: string, kept: Kept): void {
    if (young.size >= generation) {
      old = young
      young = new Map()
      forgetDoors()
    }
    young.set(digest, kept)
    doors[kept.door] = isKept
  }

  function forgetDoors(): void {
    doors.fill(0)
    firsts = 0
    for (const { door } of [...old.values(), ...young.values()]) doors[door] = isKept
  }

  return {
    find(token) {
      if (doors[doorOf(token)] !== isKept) return undefined
      const digest = sha256(token)
      const fresh = young.get(digest)
      const kept = fresh ?? old.get(digest)
      if (!kept || clock() >= endOf(kept.claims) * 1000) return undefined
      if (!fresh) add(digest, kept)
      return kept.claims
    },
    keep(token, claims) {
      const door = doorOf(token)
      if (doors[door] !== 0) return add(sha256(token), { claims: frozen(claims), door })
      doors[door] = cameOnce
      if (++firsts >= generation) forgetDoors()
    },
  }
}

/** Of the signature, which is as good as random. */
function doorOf(token: string): number {
  let door = 0
  for (let at = token.length - 12; at < token.length - 4; at++) door = door * 31 + token.charCodeAt(at)
  return door % doorCount || 0
}
