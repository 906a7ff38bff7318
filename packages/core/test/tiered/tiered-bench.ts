import { memoryAtomicStore, memorySessionStore } from "../../src/memory.js"
import type {
  AtomicStore,
  SessionMessages,
  SessionRecord,
  SessionStore,
  User,
} from "../../src/stores/ports.js"
import {
  type AdjustableClock,
  adjustableClock,
  failing,
  sessionRecord,
  type Watched,
} from "../../src/testing.js"
import { memoryMessages, type TieredOptions, type TieredSessions, tiered } from "../../src/tiered.js"

/** Two nodes over one truth and one cache, each of which can be switched off, and all that was asked of these. */
export interface TieredBench<U extends User> {
  readonly a: TieredSessions<U>
  readonly b: TieredSessions<U>
  readonly clock: AdjustableClock
  readonly truth: Watched<SessionStore<U>>
  readonly cache: Watched<AtomicStore>
  /** Every publication, as it was asked for. */
  readonly told: (readonly string[])[]
  readonly down: { truth: boolean; cache: boolean; messages: boolean }
  /** A further node, which has nothing in memory. */
  node(options?: Partial<TieredOptions<U>>): TieredSessions<U>
  /** Opens a session in the truth. */
  open(overrides?: Partial<SessionRecord>): Promise<SessionRecord>
  /** What the truth and the cache were asked since the last time, in order. */
  asked(): readonly string[]
}

export const ttl = 5

export async function tieredBench<U extends User = never>(
  userOf?: (record: SessionRecord) => U,
): Promise<TieredBench<U>> {
  const clock = adjustableClock()
  const down = { truth: false, cache: false, messages: false }
  const told: (readonly string[])[] = []
  const stored = memorySessionStore({ clock })
  const joined: SessionStore<U> = {
    ...stored,
    async find(id) {
      const found = await stored.find(id)
      return found && { ...found, user: userOf?.(found.record) }
    },
  }
  const truth = failing(joined, () => down.truth, { slot: "truth" })
  const cache = failing(memoryAtomicStore({ clock }), () => down.cache, { slot: "cache" })
  const channel = memoryMessages()
  const messages: SessionMessages = {
    async publish(ids) {
      told.push(ids)
      if (down.messages) throw new Error("the channel is down")
      await channel.publish(ids)
    },
    subscribe: (listener) => channel.subscribe(listener),
  }

  function node(options: Partial<TieredOptions<U>> = {}): TieredSessions<U> {
    const parts = { redis: cache.watched, postgres: truth.watched, messages, clock }
    return tiered({ memory: { max: 1_000, ttl }, ...parts, ...options })
  }

  async function open(overrides: Partial<SessionRecord> = {}): Promise<SessionRecord> {
    const record = sessionRecord({ createdAt: clock(), ...overrides })
    await stored.insert(record)
    return record
  }

  const seen = { truth: 0, cache: 0 }
  function asked(): readonly string[] {
    const calls = [...truth.calls.slice(seen.truth), ...cache.calls.slice(seen.cache)]
    seen.truth = truth.calls.length
    seen.cache = cache.calls.length
    return calls.map(({ slot, method }) => `${slot}.${method}`).sort()
  }

  const [a, b] = [node(), node()]
  await Promise.all([a.ready(), b.ready()])
  return { a, b, clock, truth, cache, told, down, node, open, asked }
}
