import type { Clock, Seconds } from "../clock.js"
import type { AtomicStore } from "../stores/ports.js"

/** So many per window. */
export interface Rate {
  readonly limit: number
  readonly window: Seconds
}

/** A throttle's answer: go on, or come back in `retryAfter` seconds. */
export type Permission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfter: Seconds }

/**
 * Counts this call against the key's window and says whether it is within the limit. It counts first and decides then, so of any
 * number of parallel callers, on any number of servers, exactly `limit` pass. Windows are aligned to the clock: across their
 * border twice the limit can pass in a short time.
 */
export async function countAgainst(
  store: Pick<AtomicStore, "increment">,
  clock: Clock,
  key: string,
  rate: Rate,
): Promise<Permission> {
  const windowMs = rate.window * 1000
  const now = clock()
  const endsAt = (Math.floor(now / windowMs) + 1) * windowMs
  const count = await store.increment(`rate:${key}:${endsAt}`, endsAt)
  return count <= rate.limit
    ? { allowed: true }
    : { allowed: false, retryAfter: Math.ceil((endsAt - now) / 1000) }
}
