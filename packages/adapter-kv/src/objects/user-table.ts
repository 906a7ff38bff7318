import type { EpochMs } from "@mortise/core"
import type { ObjectSql } from "./object-state.js"
import type { Sweep } from "./sweep.js"

/** Each user's epoch and the ids of the user's sessions. Nothing here waits, so each method is one indivisible step. */
export interface UserTable {
  epoch(userId: string, now: EpochMs): number
  /** Lists the id until this instant; false, and nothing is listed, if the epoch is another by now. */
  enter(userId: string, id: string, epoch: number, until: EpochMs): boolean
  sessions(userId: string): string[]
  /** Raises the epoch and answers the ids as of this step. They stay listed until their sessions are gone. */
  revoke(userId: string, now: EpochMs): string[]
  leave(userId: string, ids: readonly string[]): void
}

const day = 86_400_000

/**
 * An epoch that somebody has read compares right for this long at least. Reading and raising it start the time
 * anew, so that it cannot vanish, back to 0, under a sign-in that has read it.
 */
const epochLifetime = 400 * day

/** The tables of an object. */
export function userTable(sql: ObjectSql, sweep: Sweep): UserTable {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS epochs (
      user_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS epochs_by_end ON epochs (expires_at);
    CREATE TABLE IF NOT EXISTS members (
      user_id TEXT NOT NULL, id TEXT NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (user_id, id)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS members_by_end ON members (expires_at);
  `)

  function stored(userId: string): { epoch: number; expiresAt: EpochMs } {
    const [row] = sql.exec("SELECT epoch, expires_at FROM epochs WHERE user_id = ?", userId).toArray()
    return { epoch: Number(row?.epoch ?? 0), expiresAt: Number(row?.expires_at ?? 0) }
  }

  function keep(userId: string, epoch: number, expiresAt: EpochMs): void {
    sql.exec(
      "INSERT OR REPLACE INTO epochs (user_id, epoch, expires_at) VALUES (?, ?, ?)",
      userId,
      epoch,
      expiresAt,
    )
    sweep.expect(expiresAt)
  }

  function sessions(userId: string): string[] {
    return sql
      .exec("SELECT id FROM members WHERE user_id = ?", userId)
      .toArray()
      .map(({ id }) => String(id))
  }

  return {
    epoch(userId, now) {
      const { epoch, expiresAt } = stored(userId)
      // Once a day is often enough, and each time would be a write for every sign-in.
      if (epoch > 0 && expiresAt < now + epochLifetime - day) keep(userId, epoch, now + epochLifetime)
      return epoch
    },

    enter(userId, id, epoch, until) {
      if (stored(userId).epoch !== epoch) return false
      const list = `INSERT INTO members (user_id, id, expires_at) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET expires_at = MAX(expires_at, excluded.expires_at)`
      sql.exec(list, userId, id, until)
      sweep.expect(until)
      return true
    },

    sessions,

    revoke(userId, now) {
      keep(userId, stored(userId).epoch + 1, now + epochLifetime)
      return sessions(userId)
    },

    leave(userId, ids) {
      for (const id of ids) sql.exec("DELETE FROM members WHERE user_id = ? AND id = ?", userId, id)
    },
  }
}
