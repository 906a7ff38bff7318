import type { EpochMs } from "@mortise/core"
import type { ObjectSql } from "./object-state.js"
import type { Sweep } from "./sweep.js"

/** Challenges or counters. Nothing here waits, so each method is one indivisible step. */
export interface EntryTable {
  get(key: string, now: EpochMs): string | undefined
  set(key: string, value: string, expiresAt: EpochMs): void
  delete(key: string): void
  add(key: string, value: string, expiresAt: EpochMs, now: EpochMs): boolean
  swap(key: string, current: string, next: string, expiresAt: EpochMs, now: EpochMs): boolean
  take(key: string, now: EpochMs): string | undefined
  increment(key: string, expiresAt: EpochMs, now: EpochMs): number
}

interface Entry {
  readonly value: string
  readonly expiresAt: EpochMs
}

/** The table of an object. `now` is the caller's: the instant that an entry carries decides, by that clock. */
export function entryTable(sql: ObjectSql, sweep: Sweep): EntryTable {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS entries (
      key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS entries_by_end ON entries (expires_at);
  `)

  function live(key: string, now: EpochMs): Entry | undefined {
    const query = "SELECT value, expires_at FROM entries WHERE key = ? AND expires_at > ?"
    const [row] = sql.exec(query, key, now).toArray()
    return row && { value: String(row.value), expiresAt: Number(row.expires_at) }
  }

  function put(key: string, value: string, expiresAt: EpochMs): void {
    sql.exec(
      "INSERT OR REPLACE INTO entries (key, value, expires_at) VALUES (?, ?, ?)",
      key,
      value,
      expiresAt,
    )
    sweep.expect(expiresAt)
  }

  function remove(key: string): void {
    sql.exec("DELETE FROM entries WHERE key = ?", key)
  }

  return {
    get: (key, now) => live(key, now)?.value,
    set: put,
    delete: remove,
    add(key, value, expiresAt, now) {
      if (live(key, now)) return false
      put(key, value, expiresAt)
      return true
    },
    swap(key, current, next, expiresAt, now) {
      if (live(key, now)?.value !== current) return false
      put(key, next, expiresAt)
      return true
    },
    take(key, now) {
      const entry = live(key, now)
      if (entry) remove(key)
      return entry?.value
    },
    increment(key, expiresAt, now) {
      const counter = live(key, now)
      const count = counter ? countOf(counter.value) + 1 : 1
      put(key, String(count), counter?.expiresAt ?? expiresAt)
      return count
    },
  }
}

function countOf(value: string): number {
  const count = Number(value)
  if (Number.isSafeInteger(count) && count >= 0 && String(count) === value) return count
  throw new TypeError("increment: the value at this key is no counter.")
}
