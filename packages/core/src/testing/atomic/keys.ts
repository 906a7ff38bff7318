/** The unit of the kit's expiries: far enough that a physical time-to-live does not strike during a check. */
export const minute = 60_000

/** A key that no other check uses. */
export function randomKey(): string {
  return `kit:${crypto.randomUUID()}`
}
