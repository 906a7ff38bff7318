import type { Clock, EpochMs, Seconds } from "../clock.js"
import { StoreError } from "../errors.js"
import type { AtomicStore } from "../stores/ports.js"
import type { Permission } from "./rate-limit.js"

/** How failures slow down: `free` of them cost nothing, the next costs `first`, each further one twice as much up to `most`. */
export interface BackOffCurve {
  readonly free: number
  readonly first: Seconds
  readonly most: Seconds
  /** Failures are forgotten this long after the last attempt. */
  readonly forgetAfter: Seconds
}

/** A {@link Permission}, and which failure it will be unless it is given back. */
export type Reservation = Permission & { readonly count: number }

/** Counts failed attempts per key and makes the next one wait. */
export interface BackOff {
  /**
   * Reserves one attempt, counted as a failure before it is evaluated: of any number of parallel callers at most `free + 1` are
   * allowed until one of them succeeds or the wait is over. A refused call counts nothing, so hammering never prolongs the wait.
   */
  reserve(key: string): Promise<Reservation>
  /** The attempt succeeded and this key's failures no longer matter. */
  clear(key: string): Promise<void>
  /**
   * The attempt succeeded, or was our own fault: takes back this one reservation, and the wait that it caused unless others have failed
   * since. Other failures stay counted.
   */
  giveBack(key: string, reservation: Reservation): Promise<void>
}

interface Failures {
  readonly count: number
  readonly blockedUntil: EpochMs
}

const none = "0:0"

// A swap fails only when another caller's succeeded, and after `free + 1` successes everyone is blocked; this bound only
// keeps a broken store from spinning.
const mostRounds = 1000

export function backOff(store: AtomicStore, clock: Clock, curve: BackOffCurve): BackOff {
  async function reserve(key: string): Promise<Reservation> {
    let reservation: Reservation = { allowed: true, count: 0 }
    await change(key, ({ count, blockedUntil }, now) => {
      if (now < blockedUntil) {
        reservation = { allowed: false, retryAfter: Math.ceil((blockedUntil - now) / 1000), count }
        return undefined
      }
      reservation = { allowed: true, count: count + 1 }
      const wait = Math.min(curve.first * 2 ** (count - curve.free), curve.most) * 1000
      return { count: count + 1, blockedUntil: count < curve.free ? 0 : now + wait }
    })
    return reservation
  }

  async function giveBack(key: string, reservation: Reservation): Promise<void> {
    if (!reservation.allowed) return
    await change(key, ({ count, blockedUntil }) => {
      if (count === 0) return undefined
      return { count: count - 1, blockedUntil: count <= reservation.count ? 0 : blockedUntil }
    })
  }

  /** Applies one indivisible change; `next` answers undefined to leave everything as it is. */
  async function change(
    key: string,
    next: (failures: Failures, now: EpochMs) => Failures | undefined,
  ): Promise<void> {
    const name = `back-off:${key}`
    for (let round = 0; round < mostRounds; round++) {
      const now = clock()
      const current = await store.get(name)
      const changed = next(decode(current ?? none), now)
      if (!changed) return
      const expiresAt = Math.max(now, changed.blockedUntil) + curve.forgetAfter * 1000
      const text = `${changed.count}:${changed.blockedUntil}`
      const written =
        current === undefined
          ? await store.add(name, text, expiresAt)
          : await store.swap(name, current, text, expiresAt)
      if (written) return
      // Many at once: let some pass, or all of them read again for each one that wrote.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(round, 50)))
    }
    throw new StoreError("rateLimits", new Error("No swap succeeded."))
  }

  return { reserve, clear: (key) => store.delete(`back-off:${key}`), giveBack }
}

function decode(text: string): Failures {
  const [count, blockedUntil] = text.split(":").map(Number)
  if (Number.isSafeInteger(count) && Number.isSafeInteger(blockedUntil)) {
    return { count: count as number, blockedUntil: blockedUntil as number }
  }
  throw new StoreError("rateLimits", new Error("Not a counter."))
}
