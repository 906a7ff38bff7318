import type { AtomicStore, Clock, SessionStore } from "@mortise/core"
import { atomicStore } from "./atomic-store.js"
import type { ObjectNamespace } from "./namespace.js"
import { sessionStore } from "./session-store.js"
import { type Shards, shards } from "./shards.js"

/** How the keys are spread over objects, where those run, and which clock the stores go by. */
export interface DurableObjectStoreOptions {
  /**
   * How many objects share the keys of each slot. An object does one thing at a time, about 500 to 1,000 calls a
   * second. Default 16, at most 1,024. Never change it for a running system: keys would be looked for where
   * they are not, so everybody is signed out and what was used counts as unused.
   */
  readonly shards?: number
  /** Put before every object's name. Two systems in one namespace need two. Default `"mortise:"`. */
  readonly prefix?: string
  /** Where new objects should run, such as `"weur"`; without, near whoever asks first. They do not move later. */
  readonly locationHint?: string
  /** Decides what has expired. Default: the machine's clock. */
  readonly clock?: Clock
}

/** The slots that Durable Objects fill. Sessions come without their user, who is not kept here. */
export interface DurableObjectStores {
  readonly sessions: SessionStore<never>
  readonly challenges: AtomicStore
  readonly rateLimits: AtomicStore
}

/**
 * Stores for sessions, challenges and rate limits on Durable Objects of the class `MortiseObject`, from
 * `@mortise/adapter-kv/durable-object`. Every step is strict: indivisible, and seen everywhere at once. Reading a
 * session, and each step of a challenge or counter, is one call.
 * @throws RangeError if the number of shards is not a whole one from 1 to 1,024
 */
export function durableObjectStores(
  namespace: ObjectNamespace,
  options: DurableObjectStoreOptions = {},
): DurableObjectStores {
  const { shards: count = 16, prefix = "mortise:", locationHint, clock = Date.now } = options
  if (!Number.isSafeInteger(count) || count < 1 || count > 1_024) {
    throw new RangeError("durableObjectStores: shards must be a whole number from 1 to 1,024, such as 16.")
  }
  const objects = (kind: string): Shards => shards(namespace, { kind: prefix + kind, count, locationHint })
  return {
    sessions: sessionStore({ sessions: objects("sessions"), users: objects("users"), clock }),
    challenges: atomicStore(objects("challenges"), clock),
    rateLimits: atomicStore(objects("limits"), clock),
  }
}
