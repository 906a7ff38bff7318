import { type Clock, type EpochMs, systemClock } from "../../clock.js"
import type { AtomicStore } from "../ports.js"
import { sweeper } from "./sweep.js"

/** How {@link memoryAtomicStore} tells the time, and its bound. */
export interface MemoryAtomicOptions {
  readonly clock?: Clock
  /**
   * How many values it holds at most, 250,000 unless told otherwise (about 50 MB). When that many are alive,
   * a step that needs room for one more rejects: the visitor gets a 503. Dropping an old one instead would
   * forget a counter or a used code.
   */
  readonly maxEntries?: number
}

interface Entry {
  readonly value: string
  readonly expiresAt: EpochMs
}

/**
 * Challenges and counters in this process: for tests, demos and servers that are one process. A restart
 * forgets everything. Every method does its step before it returns to the event loop, so on one thread each
 * step is indivisible.
 */
export function memoryAtomicStore(options: MemoryAtomicOptions = {}): AtomicStore {
  const { clock = systemClock, maxEntries = 250_000 } = options
  const entries = new Map<string, Entry>()
  const sweepSome = sweeper(
    entries,
    (entry) => clock() >= entry.expiresAt,
    (key) => entries.delete(key),
  )

  function live(key: string): Entry | undefined {
    const entry = entries.get(key)
    return entry !== undefined && clock() < entry.expiresAt ? entry : undefined
  }

  function put(key: string, value: string, expiresAt: EpochMs): void {
    sweepSome()
    if (entries.size >= maxEntries && !entries.has(key))
      throw new Error(`The memory store is full: ${maxEntries} values.`)
    entries.set(key, { value, expiresAt })
  }

  return {
    async get(key) {
      return live(key)?.value
    },
    async set(key, value, expiresAt) {
      put(key, value, expiresAt)
    },
    async delete(key) {
      entries.delete(key)
    },
    async add(key, value, expiresAt) {
      if (live(key)) return false
      put(key, value, expiresAt)
      return true
    },
    async swap(key, current, next, expiresAt) {
      if (live(key)?.value !== current) return false
      put(key, next, expiresAt)
      return true
    },
    async take(key) {
      const entry = live(key)
      entries.delete(key)
      return entry?.value
    },
    async increment(key, expiresAt) {
      const counter = live(key)
      const count = counter ? countOf(counter.value) + 1 : 1
      put(key, String(count), counter?.expiresAt ?? expiresAt)
      return count
    },
  }
}

function countOf(value: string): number {
  const count = Number(value)
  if (Number.isSafeInteger(count) && String(count) === value) return count
  throw new TypeError("increment: the value at this key is no counter.")
}
