import type { EpochMs } from "../../clock.js"
import type { AuditEntry, AuditStore } from "../ports.js"

/** The bound of a {@link memoryAuditStore}. */
export interface MemoryAuditOptions {
  /** How many of the newest entries it keeps, 10,000 unless told otherwise. */
  readonly maxEntries?: number
}

interface Kept {
  readonly at: EpochMs
  readonly userId: string | undefined
  /** The entry as JSON: nobody who holds an answer can change the log. */
  readonly json: string
}

/**
 * The newest events in this process: for tests and demos. A log that must be kept belongs into a database:
 * this one forgets the oldest entries beyond its limit, and all of them at a restart.
 */
export function memoryAuditStore({ maxEntries = 10_000 }: MemoryAuditOptions = {}): AuditStore {
  const kept: Kept[] = []

  return {
    async append(entry) {
      const { at, event } = entry
      const userId = "userId" in event ? event.userId : undefined
      let place = kept.length
      // Almost always the end; earlier only if a parallel request took the time before the last one did.
      while ((kept[place - 1]?.at ?? at) > at) place -= 1
      kept.splice(place, 0, { at, userId, json: JSON.stringify(entry) })
      if (kept.length > maxEntries) kept.shift()
    },

    async list({ userId, limit }) {
      const found: AuditEntry[] = []
      for (let index = kept.length - 1; index >= 0 && found.length < limit; index -= 1) {
        const entry = kept[index]
        if (entry && (userId === undefined || entry.userId === userId)) found.push(JSON.parse(entry.json))
      }
      return found
    },
  }
}
