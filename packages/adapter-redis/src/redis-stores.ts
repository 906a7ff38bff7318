import type { AtomicStore, Clock, Seconds, SessionStore } from "@mortise/core"
import { atomicStore } from "./atomic-store.js"
import { withDeadline } from "./deadline.js"
import { keysUnder } from "./keys.js"
import type { SendCommand } from "./send-command.js"
import { sessionStore } from "./session-store.js"

/** Where the stores keep their keys and which clock they go by. */
export interface RedisStoreOptions {
  /** Put before every key. Two systems in one database need two. Default `"mortise:"`. */
  readonly prefix?: string
  /** Decides what has expired. Default: the machine's clock. */
  readonly clock?: Clock
  /** A command without an answer after this long rejects, in seconds. Default 5. */
  readonly timeout?: Seconds
}

/** The slots that Redis fills. Sessions come without their user, who is not kept here. */
export interface RedisStores {
  readonly sessions: SessionStore<never>
  readonly challenges: AtomicStore
  readonly rateLimits: AtomicStore
  /** No slot: the `redis` of `tiered()`, for copies of sessions whose truth is elsewhere, with their users. */
  readonly sessionCache: AtomicStore
}

/**
 * Stores for sessions, challenges and rate limits on Redis 6.2 or newer, Valkey, or a cluster of either. The
 * client and its connections are the host's; a client is not looked into, only called:
 *
 *     redisStores(({ args }) => client.sendCommand(args))                      // node-redis
 *     redisStores(({ key, args }) => cluster.sendCommand(key, false, args))    // node-redis, cluster
 *     redisStores(({ args }) => redis.call(...args))                           // ioredis, single and Cluster
 *
 * What holds under concurrency, and what a failover can lose, is in the README.
 * @throws RangeError if the prefix could not be the beginning of keys in a cluster, or the timeout is no time
 */
export function redisStores(client: SendCommand, options: RedisStoreOptions = {}): RedisStores {
  const keys = keysUnder(options.prefix ?? "mortise:")
  const clock = options.clock ?? Date.now
  const send = withDeadline(client, options.timeout ?? 5)
  return {
    sessions: sessionStore({ send, keys, clock }),
    challenges: atomicStore({ send, clock, keyOf: keys.challenge }),
    rateLimits: atomicStore({ send, clock, keyOf: keys.rateLimit }),
    sessionCache: atomicStore({ send, clock, keyOf: keys.sessionCopy }),
  }
}
