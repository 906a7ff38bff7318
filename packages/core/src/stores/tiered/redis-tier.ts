import { randomText } from "#primitives"
import type { Clock } from "../../clock.js"
import type { AtomicStore, User } from "../ports.js"
import { breaker } from "./breaker.js"
import { type Copy, copyText, parsedCopy } from "./copy.js"
import { distrusted } from "./distrusted.js"
import { persistently } from "./persistently.js"

/**
 * What a look into the middle cache brought: a copy, or the lease under which one may be put there, or neither: the cache is down, or
 * somebody else is loading, or what it has of this id is not to be trusted.
 */
export interface Look<U extends User> {
  readonly copy?: Copy<U>
  readonly lease?: string
}

/** The cache that all nodes share. Nothing here rejects: without it the truth is asked. */
export interface RedisTier<U extends User> {
  look(id: string): Promise<Look<U>>
  /** False if the lease is gone: the session changed meanwhile, or the truth took too long. True if it is there now, or nobody knows. */
  keep(lease: string, copy: Copy<U>): Promise<boolean>
  /** Goes past the cache for these, for as long as what it has of them could be taken for fresh. At once. */
  distrust(ids: readonly string[]): void
  /** Removes them; what fails is tried again in the background. */
  forget(ids: readonly string[]): Promise<void>
}

/** As long as a load may take that wants to keep what it brings. */
const leaseMs = 5_000
/** A cache that takes longer is none. */
const patienceMs = 250

/**
 * Copies under leases, so that a slow reader cannot put a session back that ended while it was reading:
 *
 *     reader   add(id, lease) ── asks the truth ─────────────── swap(id, lease, copy): refused
 *     revoker                       truth: ended ── delete(id)
 */
export function redisTier<U extends User>(cache: AtomicStore, ttlMs: number, clock: Clock): RedisTier<U> {
  const line = breaker(patienceMs)
  const suspects = distrusted(ttlMs, clock)
  const node = randomText(16)
  let leases = 0

  async function look(id: string): Promise<Look<U>> {
    if (suspects.has(id)) return {}
    const seen = await line.attempt(() => cache.get(id))
    if (!seen) return {}
    if (seen.value === undefined) return leased(id)
    const copy = parsedCopy<U>(seen.value, id)
    return copy && isFresh(copy) ? { copy } : {}
  }

  /** Over with its time, and with the session, which may have been renewed since. A clock that was set back must not lengthen it. */
  function isFresh({ confirmedAt, record }: Copy<U>): boolean {
    const age = clock() - confirmedAt
    return age >= 0 && age < ttlMs && clock() < record.expiresAt
  }

  async function leased(id: string): Promise<Look<U>> {
    leases += 1
    const lease = `loading:${node}:${leases}`
    const added = await line.attempt(() => cache.add(id, lease, clock() + leaseMs))
    return added?.value === true ? { lease } : {}
  }

  async function keep(lease: string, copy: Copy<U>): Promise<boolean> {
    const text = copyText(copy)
    if (text === undefined) return true
    const { id, expiresAt } = copy.record
    const until = Math.min(copy.confirmedAt + ttlMs, expiresAt)
    const swapped = await line.attempt(() => cache.swap(id, lease, text, until))
    return swapped?.value !== false
  }

  async function forget(ids: readonly string[]): Promise<void> {
    const remove = (): Promise<unknown> => Promise.all(ids.map((id) => cache.delete(id)))
    if (!(await line.attempt(remove))) persistently(remove, ttlMs)
  }

  return { look, keep, forget, distrust: suspects.add }
}
