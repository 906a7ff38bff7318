import type { AtomicStore, Clock, EpochMs } from "@mortise/core"
import type { Shards } from "./shards.js"

/** An {@link AtomicStore} on Durable Objects: every step is one call of the object that keeps the key. */
export function atomicStore(objects: Shards, clock: Clock): AtomicStore {
  return {
    async get(key) {
      return objects.of(key).entryGet(key, clock())
    },
    async set(key, value, expiresAt) {
      await objects.of(key).entrySet(key, value, whole(expiresAt))
    },
    async delete(key) {
      await objects.of(key).entryDelete(key)
    },
    async add(key, value, expiresAt) {
      return objects.of(key).entryAdd(key, value, whole(expiresAt), clock())
    },
    async swap(key, current, next, expiresAt) {
      return objects.of(key).entrySwap(key, current, next, whole(expiresAt), clock())
    },
    async take(key) {
      return objects.of(key).entryTake(key, clock())
    },
    async increment(key, expiresAt) {
      return objects.of(key).entryIncrement(key, whole(expiresAt), clock())
    },
  }
}

/** Rounded down to whole milliseconds: it may end a fraction early, never late. */
function whole(expiresAt: EpochMs): EpochMs {
  return Math.max(0, Math.floor(expiresAt))
}
