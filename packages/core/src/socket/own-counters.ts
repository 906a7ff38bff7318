import type { Clock, EpochMs } from "../clock.js"
import type { AtomicStore } from "../stores/ports.js"

const most = 10_000

/** Counters of this process alone, for a host that shares none. Bounded; the oldest goes first. */
export function ownCounters(clock: Clock): Pick<AtomicStore, "increment"> {
  const byKey = new Map<string, { count: number; readonly expiresAt: EpochMs }>()

  return {
    async increment(key, expiresAt) {
      const known = byKey.get(key)
      if (known && clock() < known.expiresAt) {
        known.count++
        return known.count
      }
      byKey.delete(key)
      if (byKey.size >= most) {
        const [oldest] = byKey.keys()
        byKey.delete(oldest as string)
      }
      byKey.set(key, { count: 1, expiresAt })
      return 1
    },
  }
}
