/** Where everything lies, under one prefix. See the key table in the README. */
export interface Keys {
  challenge(key: string): string
  rateLimit(key: string): string
  /** A copy of a session whose truth is elsewhere. */
  sessionCopy(id: string): string
  session(id: string): string
  /** The user's session epoch. In the same slot as {@link sessionsOf}, so that one script may touch both. */
  epoch(userId: string): string
  /** The ids of the user's sessions. */
  sessionsOf(userId: string): string
}

const wellFormedPrefix = /^[!-z|~]{0,64}$/

/**
 * Names of keys under a prefix.
 * @throws RangeError if the prefix is not at most 64 characters of printable ASCII without spaces and braces:
 *   a brace would take the place of the hash tag that keeps a user's keys in one slot of a cluster
 */
export function keysUnder(prefix: string): Keys {
  if (!wellFormedPrefix.test(prefix)) {
    throw new RangeError(
      'redisStores: prefix must be up to 64 printable ASCII characters, no space or brace, as "mortise:" is.',
    )
  }
  return {
    challenge: (key) => `${prefix}challenge:${key}`,
    rateLimit: (key) => `${prefix}limit:${key}`,
    sessionCopy: (id) => `${prefix}copy:${id}`,
    session: (id) => `${prefix}session:${id}`,
    epoch: (userId) => `${prefix}user:{${escaped(userId)}}:epoch`,
    sessionsOf: (userId) => `${prefix}user:{${escaped(userId)}}:sessions`,
  }
}

/**
 * Any text as a hash tag, no two alike: letters, digits, `_`, `.` and `-` stand for themselves, every other
 * UTF-16 unit becomes `%` and four hex digits. So a brace cannot end the tag early, and a lone surrogate,
 * which UTF-8 cannot carry, does not turn two users into one. `u:` keeps the tag of an empty id from being
 * empty, which Redis would not take for a tag.
 */
function escaped(userId: string): string {
  return `u:${userId.replace(/[^\w.-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}`
}
