import type { EpochMs } from "@mortise/core"
import type { SessionRow } from "./namespace.js"
import type { ObjectSql } from "./object-state.js"
import type { Sweep } from "./sweep.js"

/** Sessions by id. Nothing here waits, so each method is one indivisible step. */
export interface SessionTable {
  /** False if the session was revoked while it was being opened. @throws Error if the id is taken */
  open(row: SessionRow): boolean
  find(id: string, now: EpochMs): string | undefined
  findAll(ids: readonly string[], now: EpochMs): string[]
  /** False if it is not there, over, or at another revision. @throws TypeError if it would change its user or absolute end */
  replace(row: SessionRow, expectedRevision: number, now: EpochMs): boolean
  /** Ends one, and answers whose it was; undefined if none was live. */
  end(id: string, now: EpochMs): string | undefined
  /** Ends those of this user and answers which were live. What is not there yet is remembered as revoked. */
  endAll(ids: readonly string[], userId: string, now: EpochMs): string[]
}

/** How long it is remembered that a session was revoked before it was there: far longer than any call takes. */
const revokedLifetime = 86_400_000

/** The table of an object. A row without text is a session that was revoked before it was there. */
export function sessionTable(sql: ObjectSql, sweep: Sweep): SessionTable {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS sessions (
      id TEXT PRIMARY KEY, user_id TEXT NOT NULL, revision INTEGER NOT NULL,
      expires_at INTEGER NOT NULL, absolute_expires_at INTEGER NOT NULL, text TEXT
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (expires_at);
  `)

  function row(id: string): Record<string, unknown> | undefined {
    return sql.exec("SELECT * FROM sessions WHERE id = ?", id).toArray()[0]
  }

  function put({ id, userId, revision, expiresAt, absoluteExpiresAt, text }: SessionRow): void {
    write(id, userId, revision, expiresAt, absoluteExpiresAt, text)
  }

  function write(...values: [string, string, number, EpochMs, EpochMs, string | null]): void {
    sql.exec("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?)", ...values)
    sweep.expect(values[3])
  }

  function remove(id: string): void {
    sql.exec("DELETE FROM sessions WHERE id = ?", id)
  }

  function find(id: string, now: EpochMs): string | undefined {
    const stored = row(id)
    return isLive(stored, now) ? String(stored?.text) : undefined
  }

  return {
    open(next) {
      const stored = row(next.id)
      if (stored?.text === null && stored.user_id === next.userId) return false
      if (stored !== undefined) throw new Error("A session with this id exists already.")
      put(next)
      return true
    },

    find,

    findAll: (ids, now) => ids.flatMap((id) => find(id, now) ?? []),

    replace(next, expectedRevision, now) {
      const stored = row(next.id)
      if (!isLive(stored, now) || stored?.revision !== expectedRevision) return false
      // The user's index keeps it until its absolute end.
      if (stored.user_id !== next.userId || stored.absolute_expires_at !== next.absoluteExpiresAt) {
        throw new TypeError("replace: a session's user and its absolute end never change.")
      }
      put(next)
      return true
    },

    end(id, now) {
      const stored = row(id)
      if (!isLive(stored, now)) return undefined
      remove(id)
      return String(stored?.user_id)
    },

    endAll(ids, userId, now) {
      return ids.filter((id) => {
        const stored = row(id)
        if (stored === undefined) write(id, userId, 0, now + revokedLifetime, 0, null)
        if (stored === undefined || stored.text === null || stored.user_id !== userId) return false
        remove(id)
        return isLive(stored, now)
      })
    },
  }
}

function isLive(row: Record<string, unknown> | undefined, now: EpochMs): boolean {
  return row !== undefined && row.text !== null && now < Number(row.expires_at)
}
