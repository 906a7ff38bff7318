import type { Awaitable } from "../../awaitable.js"
import { type Clock, type EpochMs, systemClock } from "../../clock.js"
import { type Duration, seconds } from "../../duration.js"
import { misconfigured } from "../../errors.js"
import type {
  AtomicStore,
  FoundSession,
  SessionMessages,
  SessionRecord,
  SessionStore,
  User,
} from "../ports.js"
import { breaker } from "./breaker.js"
import { memoryTier, packCopy, unpackCopy } from "./memory-tier.js"
import { redisTier } from "./redis-tier.js"
import { subscription } from "./subscription.js"
import { teller } from "./teller.js"

/** What {@link tiered} is made of. */
export interface TieredOptions<U extends User> {
  /** At most `max` sessions, about 300 bytes each with their users, none for longer than `ttl` after it was confirmed. */
  readonly memory: { readonly max: number; readonly ttl: Duration }
  /**
   * The cache that all nodes share: `redisStores(…).sessionCache`. By itself it keeps copies as long as the memory does; `{ cache, ttl }`
   * keeps them longer there, and is the staleness then.
   */
  readonly redis: AtomicStore | { readonly cache: AtomicStore; readonly ttl: Duration }
  /** The truth, which decides about every write. Any store of sessions; its own staleness is added. */
  readonly postgres: SessionStore<U>
  /** How a revocation reaches the memory of other nodes at once. Without it they notice after `ttl`. */
  readonly messages?: SessionMessages
  readonly clock?: Clock
}

/** One store out of three, with a listener to put up and take down. */
export interface TieredSessions<U extends User> extends SessionStore<U> {
  /** Listens now, and not at the first request. Resolves when it does; rejects once the store was closed. */
  ready(): Promise<void>
  /** Stops listening and empties the memory, which stays empty. The store goes on without it. */
  close(): Promise<void>
}

/** A question to the caches and the truth that is under way, shared by all who ask for the same id. */
interface Load {
  readonly startedAt: EpochMs
  readonly answer: Promise<string | undefined>
}

const touchPatienceMs = 1_000
const cacheable = /^[!-~]{1,128}$/

/**
 * Sessions in the memory of each node, over Redis, over the truth:
 *
 *     find    1 memory ── hit: answers at once
 *             2 Redis ── hit: kept in memory
 *             3 the truth ── kept in Redis, under a lease, and in memory
 *     end     4 the truth ── 5 this node's memory ── 6 Redis ── 7 all nodes, by message
 *
 * No answer is older than `staleness` seconds: every copy carries when the truth was asked, and is no copy after that. Where messages
 * arrive and Redis works, a session that ended is refused everywhere as soon as they have arrived; so the staleness is what holds when
 * they are lost. It is between clocks of several nodes: theirs differ by so much more.
 *
 * - Each id is loaded once at a time. What changes while it is being loaded is kept nowhere, and asked anew by who comes later.
 * - Never kept: that there is no such session.
 * - The user comes with the session, and is as old: JSON must carry it.
 * - Redis lost: the truth serves. After three failures in a row it is left alone, and tried once a second.
 * - The truth lost: copies serve until they are too old; whatever writes rejects. Only that a session was used need not be written.
 * - A revocation that was answered holds; one that rejected may have happened, and is treated as one.
 * @throws ConfigError `ERR_CONFIG_DURATION`, `ERR_CONFIG_LIMIT`
 */
export function tiered<U extends User = never>(options: TieredOptions<U>): TieredSessions<U> {
  const { clock = systemClock, memory: size, messages, postgres: truth, redis: middle } = options
  const ttl = seconds(size.ttl, "tiered.memory.ttl")
  const { cache, ttl: cacheTtl } = "cache" in middle ? middle : { cache: middle, ttl }
  const redisTtl = seconds(cacheTtl, "tiered.redis.ttl")
  const longest = Math.max(ttl, redisTtl)
  const ttlMs = ttl * 1000
  const memory = memoryTier<U>(whole(size.max), ttlMs, clock)
  const redis = redisTier<U>(cache, redisTtl * 1000, clock)
  const tell = teller(messages, ttlMs)
  const touches = breaker(touchPatienceMs)
  const loads = new Map<string, Load>()
  let isClosed = false
  const listening = subscription(messages, { changed, gap })

  function find(id: string): Awaitable<FoundSession<U> | undefined> {
    const kept = memory.find(id) // 1
    return kept ?? load(id)
  }

  async function load(id: string): Promise<FoundSession<U> | undefined> {
    listening.start()
    if (!cacheable.test(id)) return truth.find(id)
    const packed = await (joinable(id) ?? started(id)).answer
    return packed === undefined ? undefined : unpackCopy<U>(id, packed)
  }

  function joinable(id: string): Load | undefined {
    const under = loads.get(id)
    const age = under ? clock() - under.startedAt : 0
    return age >= 0 && age < ttlMs ? under : undefined
  }

  function started(id: string): Load {
    const isCurrent = (): boolean => loads.get(id) === own
    // Only after it stands in the table: the first step of an async function runs at once.
    const answer = Promise.resolve().then(() => fill(id, isCurrent))
    const own: Load = { startedAt: clock(), answer }
    loads.set(id, own)
    answer.catch(() => {}).finally(() => isCurrent() && loads.delete(id))
    return own
  }

  async function fill(id: string, isCurrent: () => boolean): Promise<string | undefined> {
    const askedAt = clock()
    const { copy, lease } = await redis.look(id) // 2
    if (copy) {
      const packed = packCopy(copy, Math.min(askedAt + ttlMs, copy.confirmedAt + longest * 1000))
      if (isCurrent()) keep(id, packed)
      return packed
    }
    const confirmedAt = clock()
    const found = await truth.find(id) // 3
    if (!found) return undefined
    const packed = packCopy(found, confirmedAt + ttlMs)
    const isWelcome = !lease || (await redis.keep(lease, { ...found, confirmedAt }))
    if (isWelcome && isCurrent()) keep(id, packed)
    return packed
  }

  function keep(id: string, packed: string): void {
    if (!isClosed) memory.keep(id, packed)
  }

  /** From here on this node does not answer what it knows of them, nor what Redis does. */
  function forget(ids: readonly string[]): void {
    redis.distrust(ids)
    for (const id of ids) {
      memory.forget(id)
      loads.delete(id)
    }
  }

  function changed(ids: readonly string[]): void {
    forget(ids)
  }

  function gap(): void {
    memory.forgetAll()
    loads.clear()
  }

  async function spread(ids: readonly string[]): Promise<void> {
    const known = ids.filter((id) => cacheable.test(id))
    forget(known) // 5
    await redis.forget(known) // 6
    await tell(known) // 7
  }

  /** Its token is another, or it is over: for who holds a copy that is the same. A session that was merely used is no news. */
  async function replace(record: SessionRecord, expectedRevision: number): Promise<boolean> {
    const { id } = record
    const isTouch = memory.find(id)?.record.secretHash === record.secretHash
    if (isTouch) return touch(record, expectedRevision)
    try {
      return await truth.replace(record, expectedRevision) // 4
    } finally {
      await spread([id])
    }
  }

  /** False, too, when the truth cannot be reached: what is known goes on until it is too old. */
  async function touch(record: SessionRecord, expectedRevision: number): Promise<boolean> {
    const touched = await touches.attempt(() => truth.replace(record, expectedRevision))
    if (!touched) return false
    loads.delete(record.id)
    if (touched.value === true) memory.renew(record, expectedRevision)
    else forget([record.id])
    await redis.forget([record.id])
    return touched.value
  }

  async function insert(record: SessionRecord): Promise<boolean> {
    const inserted = await truth.insert(record)
    loads.delete(record.id)
    return inserted
  }

  async function remove(id: string): Promise<boolean> {
    try {
      return await truth.delete(id) // 4
    } finally {
      await spread([id])
    }
  }

  /** Listed first, so that it is known what may have ended when the answer is lost. */
  async function deleteByUser(userId: string, exceptId?: string): Promise<readonly string[]> {
    const listed = await truth.listByUser(userId)
    const ids = new Set(listed.map(({ id }) => id).filter((id) => id !== exceptId))
    try {
      const ended = await truth.deleteByUser(userId, exceptId) // 4
      for (const id of ended) ids.add(id)
      return ended
    } finally {
      await spread([...ids])
    }
  }

  async function close(): Promise<void> {
    isClosed = true
    gap()
    await listening.stop()
  }

  return {
    staleness: truth.staleness + longest,
    epoch: (userId) => truth.epoch(userId),
    insert,
    find,
    replace,
    delete: remove,
    listByUser: (userId) => truth.listByUser(userId),
    deleteByUser,
    ready: listening.ready,
    close,
  }
}

function whole(max: number): number {
  if (Number.isSafeInteger(max) && max > 0) return max
  throw misconfigured("ERR_CONFIG_LIMIT", "tiered.memory.max", max, "how many sessions, such as 100_000")
}
