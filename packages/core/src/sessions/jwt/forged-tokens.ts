import type { Clock, Seconds } from "../../clock.js"
import type { TokenCause } from "../../events.js"

/** What anybody can send any number of: tokens that were not signed here. */
export const forgeable: ReadonlySet<TokenCause> = new Set([
  "malformed",
  "unknown_key",
  "wrong_algorithm",
  "bad_signature",
])

/** So many in so many seconds. */
export interface Budget {
  admits(): boolean
}

/** In this process: a flood of forged tokens fills no log, and costs no write for each. */
export function budget(most: number, per: Seconds, clock: Clock): Budget {
  let [begun, spent] = [clock(), 0]
  return {
    admits() {
      const age = clock() - begun
      if (age < 0 || age >= per * 1000) [begun, spent] = [clock(), 0]
      spent++
      return spent <= most
    },
  }
}
