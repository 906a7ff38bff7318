import { later, within } from "./later.js"

/** Asks a service that may be down, and leaves it alone for a while when it is. */
export interface Breaker {
  /** What it answered, or undefined: it failed, was too slow, or is being left alone. Never rejects. */
  attempt<Value>(step: () => Promise<Value>): Promise<{ readonly value: Value } | undefined>
}

/** So many failures in a row mean that the service is down, and not that one value is broken. */
const failuresInARow = 3
const restMs = 1_000

/**
 * After three failures in a row nobody waits for the service: every attempt fails at once, but one a second, which finds out
 * whether it is back. So of 64 requests that meet a server that hangs all wait once, and later one in each second.
 *
 * @param patienceMs an answer that takes longer is a failure
 */
export function breaker(patienceMs: number): Breaker {
  let failures = 0
  /** `open`: left alone. `half`: the next attempt finds out. */
  let state: "closed" | "open" | "half" = "closed"

  function failed(): void {
    failures += 1
    if (failures < failuresInARow) return
    state = "open"
    later(restMs, () => {
      if (state === "open") state = "half"
    })
  }

  return {
    async attempt(step) {
      if (state === "open") return undefined
      if (state === "half") state = "open"
      try {
        const value = await within(patienceMs, step())
        failures = 0
        state = "closed"
        return { value }
      } catch {
        failed()
        return undefined
      }
    },
  }
}
