import type { SessionView } from "@mortise/core"

/** The server counts whole seconds in its `Date`, and a question must not come before the end that it asks about. */
const marginMs = 1_000

/** Where a session is in its life. */
export interface Life {
  /** Is over, by the server's own word. */
  readonly over: boolean
  /** It is time to renew it, if somebody is there and renewing can make it longer. */
  readonly due: boolean
  /** Milliseconds until the next of both. */
  readonly rest: number
}

/**
 * Looks at a session's life.
 *
 * @param at the server's time
 * @param share of its life after which it is due, between 0 and 1
 */
export function lifeOf(session: SessionView, at: number, share: number): Life {
  const { absoluteExpiresAt, expiresAt, lastSeenAt } = session
  const end = expiresAt + marginMs
  const dueAt = expiresAt < absoluteExpiresAt ? lastSeenAt + share * (expiresAt - lastSeenAt) : end
  return { over: at >= end, due: at >= dueAt && at < end, rest: (at < dueAt ? dueAt : end) - at }
}

/**
 * How far the server's clock is before ours, in milliseconds, where it does not tell it: as far as was believed, unless that cannot be. A server
 * that has just made or renewed a session stands somewhere in its life.
 */
export function guessedSkew(session: SessionView | null, believed: number, now: number): number {
  const at = now + believed
  const possible = !session || (at >= session.lastSeenAt && at < session.expiresAt)
  return possible ? believed : session.lastSeenAt - now
}
