import type { Clock } from "../../src/clock.js"
import { memoryAtomicStore, memorySessionStore } from "../../src/memory.js"
import type { AtomicStore, SessionMessages, SessionStore } from "../../src/stores/ports.js"
import {
  failing,
  type OwnedBench,
  sessionOutageChecks,
  sessionStoreChecks,
  staleSessionStoreChecks,
} from "../../src/testing.js"
import { announced, memoryMessages, tiered } from "../../src/tiered.js"
import { runChecks } from "../stores/run-checks.js"

/*
 * Two nodes over one truth and one cache pass the kit for stores that lag, in every wiring: also where no message ever arrives, and where the
 * cache is down. In the last ones nothing but the bound holds it together.
 */

interface Wiring {
  readonly cache?: (clock: Clock) => AtomicStore
  readonly cacheTtl?: number
  readonly messages?: () => SessionMessages
  readonly max?: number
}

const down: AtomicStore = failing(memoryAtomicStore(), () => true).watched

const wirings: Readonly<Record<string, Wiring>> = {
  "with messages": { messages: memoryMessages },
  "no messages": {},
  "messages are lost": { messages: () => ({ ...memoryMessages(), publish: async () => {} }) },
  "no message can be sent": {
    messages: () => ({ ...memoryMessages(), publish: () => Promise.reject(new Error("cut off")) }),
  },
  "the cache keeps longer": { cacheTtl: 30 },
  "the cache keeps shorter": { cacheTtl: 1, messages: memoryMessages },
  "the cache is down": { cache: () => down, messages: memoryMessages },
  "the cache is down, no messages": { cache: () => down },
  "the memory holds one session": { max: 1, messages: memoryMessages },
}

for (const [name, wiring] of Object.entries(wirings)) {
  runChecks(`tiered, ${name}`, staleSessionStoreChecks, (clock): OwnedBench<SessionStore> => {
    const truth = memorySessionStore({ clock })
    const cache = wiring.cache?.(clock) ?? memoryAtomicStore({ clock })
    const messages = wiring.messages?.()
    const node = () =>
      tiered({
        memory: { max: wiring.max ?? 1_000, ttl: 5 },
        redis: wiring.cacheTtl === undefined ? cache : { cache, ttl: wiring.cacheTtl },
        postgres: truth,
        ...(messages && { messages }),
        clock,
      })
    const [a, b] = [node(), node()]
    const close = async () => void (await Promise.all([a.close(), b.close()]))
    return { a, b, newUserId: async () => crypto.randomUUID(), close }
  })
}

// Announcing changes nothing of what a store promises.
runChecks("announced over memory", sessionStoreChecks, (clock): OwnedBench<SessionStore> => {
  const truth = memorySessionStore({ clock })
  const messages = memoryMessages()
  const store = announced(truth, messages)
  return { a: store, b: announced(truth, messages), newUserId: async () => crypto.randomUUID() }
})

runChecks("tiered over a truth that is gone", sessionOutageChecks, () => {
  const node = () =>
    tiered({
      memory: { max: 10, ttl: 5 },
      redis: memoryAtomicStore(),
      postgres: failing(memorySessionStore(), () => true).watched,
    })
  return { a: node(), b: node() }
})
