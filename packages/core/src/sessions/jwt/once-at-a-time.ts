import { sha256 } from "#primitives"
import type { Clock, EpochMs } from "../../clock.js"

/** Work that is done once for one token. */
export interface OnceAtATime<Result> {
  run(token: string, work: () => Promise<Result>): Promise<Result>
}

const most = 1_000
const keptForMs = 60_000

/**
 * Requests with the same token share the work and its result, also those that come a little later: a page and its scripts all still
 * carry the old cookie. Bounded; work that fails is forgotten, and so done again.
 */
export function onceAtATime<Result>(clock: Clock): OnceAtATime<Result> {
  const running = new Map<string, { result: Promise<Result>; until: EpochMs }>()

  return {
    run(token, work) {
      const key = sha256(token)
      const known = running.get(key)
      if (known && clock() < known.until) return known.result
      if (running.size >= most) {
        const [oldest] = running.keys()
        running.delete(oldest as string)
      }
      const result = work()
      running.delete(key)
      running.set(key, { result, until: clock() + keptForMs })
      result.catch(() => running.delete(key))
      return result
    },
  }
}
