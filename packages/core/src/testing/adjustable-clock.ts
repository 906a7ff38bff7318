import type { EpochMs } from "../clock.js"

/**
 * A clock that stands still until a test moves it, so that a test can stand at the very edge of an expiry.
 */
export interface AdjustableClock {
  (): EpochMs
  /** Goes forward by so many milliseconds. */
  advance(ms: number): void
  /** Goes to this instant. */
  set(at: EpochMs): void
}

/** Makes a clock that shows `start`, or the real time of this call, until it is moved. */
export function adjustableClock(start: EpochMs = Date.now()): AdjustableClock {
  let now = start
  return Object.assign((): EpochMs => now, {
    advance(ms: number): void {
      now += ms
    },
    set(at: EpochMs): void {
      now = at
    },
  })
}
