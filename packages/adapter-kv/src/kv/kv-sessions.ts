import type { Clock, Seconds, SessionStore } from "@mortise/core"
import { keysUnder } from "./keys.js"
import type { KeyValueNamespace } from "./namespace.js"
import { namespaceAccess } from "./namespace-access.js"
import { revocations } from "./revocations.js"
import { sessionStore } from "./session-store.js"

/** Where the sessions keep their keys, how old a read may be, and which clock they go by. */
export interface KvSessionOptions {
  /**
   * How many seconds a read may lag behind a write elsewhere: for so long a location keeps what it has read.
   * Default 60, and not less: KV promises no sooner. More makes reads of sessions that are seldom used faster.
   * `opaque({ acceptStaleness })` must name at least as many.
   */
  readonly staleness?: Seconds
  /** Put before every key. Two systems in one namespace need two. Default `"mortise:"`. */
  readonly prefix?: string
  /** Decides what has expired. Default: the machine's clock. */
  readonly clock?: Clock
}

/** What Workers KV takes to show a write everywhere, by its documentation. */
const kvStaleness: Seconds = 60

/**
 * Sessions on Workers KV: `createAuth({ stores: { sessions: kvSessions(env.SESSIONS), … }, sessions: opaque({
 * acceptStaleness: 60 }) })`. Reading a session is one read of three keys.
 *
 * KV has no step that is indivisible and of two writes keeps the last; a location may see what was true up to
 * `staleness` seconds ago. What holds nevertheless: from `staleness` seconds after `delete` or `deleteByUser`
 * has answered, nobody anywhere finds a session that it ended, whatever others wrote meanwhile with an older
 * view; nor a secret that was rotated away. What does not: of several `replace` or `delete` of one session
 * within that time, each can answer true, and the last rotation stands. The README has the list.
 * @throws RangeError if the staleness is not whole seconds from 60 on, or the prefix could not be one of keys
 */
export function kvSessions(
  namespace: KeyValueNamespace,
  options: KvSessionOptions = {},
): SessionStore<never> {
  const { staleness = kvStaleness, clock = Date.now } = options
  if (!Number.isSafeInteger(staleness) || staleness < kvStaleness) {
    throw new RangeError("kvSessions: staleness must be whole seconds, at least the 60 that KV takes.")
  }
  const keys = keysUnder(options.prefix ?? "mortise:")
  const access = namespaceAccess(namespace, { staleness, clock })
  return sessionStore({
    access,
    keys,
    clock,
    staleness,
    revocations: revocations(access, keys, clock),
  })
}
