import type { Clock, EpochMs } from "../../clock.js"

/** Ids of which the middle cache may still have what was true before. */
export interface Distrusted {
  add(ids: readonly string[]): void
  has(id: string): boolean
}

const most = 10_000

/** Each for so long after it was added last. Bounded: when there are too many, all ids are distrusted for that time. */
export function distrusted(forMs: number, clock: Clock): Distrusted {
  const untilById = new Map<string, EpochMs>()
  let allUntil: EpochMs = 0

  function addOne(id: string, now: EpochMs): void {
    untilById.delete(id)
    if (untilById.size >= most) {
      untilById.clear()
      allUntil = now + forMs
    }
    untilById.set(id, now + forMs)
  }

  return {
    add(ids) {
      const now = clock()
      // Those that were added first are over first.
      for (const [id, until] of untilById) {
        if (now < until) break
        untilById.delete(id)
      }
      for (const id of ids) addOne(id, now)
    },
    has(id) {
      const now = clock()
      return now < allUntil || now < (untilById.get(id) ?? 0)
    },
  }
}
