import type { AtomicStore, EpochMs } from "@mortise/core"
import { atomicStatements } from "./atomic-statements.js"
import { type PostgresQuery, run } from "./query.js"
import { numberOf, textOf } from "./row.js"
import type { Settings } from "./settings.js"

/** A table of short-lived values; two slots have one each. */
export type AtomicTable = "challenges" | "rate_limits"

/**
 * Short-lived values, each step one statement on one row, decided under that row's lock. `increment` of a
 * live value that is no decimal number rejects.
 */
export function atomicStore(query: PostgresQuery, settings: Settings, table: AtomicTable): AtomicStore {
  const { clock } = settings
  const statements = atomicStatements(settings, table)

  async function get(key: string): Promise<string | undefined> {
    const [row] = await run(query, statements.get, [key, clock()])
    return row && textOf(row, "value")
  }

  async function set(key: string, value: string, expiresAt: EpochMs): Promise<void> {
    await run(query, statements.set, [key, value, expiresAt])
  }

  async function remove(key: string): Promise<void> {
    await run(query, statements.delete, [key])
  }

  async function add(key: string, value: string, expiresAt: EpochMs): Promise<boolean> {
    return (await run(query, statements.add, [key, value, expiresAt, clock()])).length === 1
  }

  async function swap(key: string, current: string, next: string, expiresAt: EpochMs): Promise<boolean> {
    return (await run(query, statements.swap, [key, current, next, expiresAt, clock()])).length === 1
  }

  async function take(key: string): Promise<string | undefined> {
    const [row] = await run(query, statements.take, [key, clock()])
    return row?.["live"] === true ? textOf(row, "value") : undefined
  }

  async function increment(key: string, expiresAt: EpochMs): Promise<number> {
    const [row] = await run(query, statements.increment, [key, expiresAt, clock()])
    if (row) return numberOf(row, "count")
    throw new TypeError("increment answered no row.")
  }

  return { get, set, delete: remove, add, swap, take, increment }
}
