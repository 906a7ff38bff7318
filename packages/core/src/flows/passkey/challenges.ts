import { sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import { encodeBase64url } from "../../crypto/base64url.js"
import { equalInConstantTime } from "../../crypto/equal.js"
import type { AtomicStore } from "../../stores/ports.js"
import { challengeMs } from "./relying-party.js"

/** What an answer is for: one that was given for another purpose is worth nothing. */
export type ChallengePurpose = "register" | "sign-in" | "factor"

/** Challenges of one realm: 32 random bytes, kept under their digest, good for five minutes and once. */
export interface PasskeyChallenges {
  /**
   * A new one, base64url (43 characters).
   * @param bound who must come back with it: a session, a browser, an attempt
   * @param note comes back when it is taken
   */
  issue(purpose: ChallengePurpose, bound: string, note?: string): Promise<string>
  /**
   * Uses it up: of N parallel callers one gets its note. Undefined for one that is used, expired, of another purpose or realm, or bound to
   * somebody else; then nobody can use it any more, since who has it is not who asked for it.
   */
  take(purpose: ChallengePurpose, bound: string, challenge: string): Promise<string | undefined>
}

export function passkeyChallenges(store: AtomicStore, clock: Clock, realm: string): PasskeyChallenges {
  const keyOf = (purpose: ChallengePurpose, challenge: string): string =>
    `passkey:${realm}:${purpose}:${sha256(challenge)}`

  return {
    async issue(purpose, bound, note = "") {
      const challenge = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)))
      await store.set(keyOf(purpose, challenge), `${sha256(bound)} ${note}`, clock() + challengeMs)
      return challenge
    },
    async take(purpose, bound, challenge) {
      const [holder = "", note] = (await store.take(keyOf(purpose, challenge)))?.split(" ") ?? []
      return equalInConstantTime(holder, sha256(bound)) ? note : undefined
    },
  }
}
