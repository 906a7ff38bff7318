import type { EpochMs } from "@mortise/core"

/**
 * How long Redis may keep a value, as the argument of PX. Housekeeping only: readers compare the instant that
 * the value carries with their clock. At least 1 ms, since Redis refuses less and a value without a
 * time-to-live would stay for ever.
 */
export function physicalTtl(expiresAt: EpochMs, now: EpochMs): string {
  return String(Math.max(1, Math.ceil(expiresAt - now)))
}
