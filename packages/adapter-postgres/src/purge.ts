import type { EpochMs } from "@mortise/core"
import { toInstant } from "./instant.js"
import { type PostgresQuery, run, type Statement, type Value } from "./query.js"
import { retryConflicts } from "./retry.js"
import { type PostgresOptions, type Settings, settingsOf, statementIn, tableIn } from "./settings.js"

/** What to remove, and how gently. */
export interface PurgeOptions extends PostgresOptions {
  /** Most rows that one statement removes. Default 1000. */
  readonly batch?: number
  /** Removes audit entries older than this instant. Default: none, the log is kept. */
  readonly auditBefore?: EpochMs
}

/** How many rows were removed from each table. */
export interface Purged {
  readonly sessions: number
  readonly challenges: number
  readonly rateLimits: number
  readonly auditLog: number
}

/**
 * Removes what has expired. Housekeeping only: every read checks expiry itself, so how often it runs
 * (hourly is plenty) decides about disk space and nothing else. Works through each table in short
 * statements, passes over rows that somebody holds, waits for nobody, and may run in several processes at
 * once.
 * @throws RangeError for a schema that is no plain identifier, or a batch that is no positive whole number
 */
export async function purge(query: PostgresQuery, options: PurgeOptions = {}): Promise<Purged> {
  const settings = settingsOf(options)
  const { batch = 1000, auditBefore } = options
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new RangeError(`batch: ${batch} is no positive whole number.`)
  const now = settings.clock()
  const retrying = retryConflicts(query)
  const remove = (table: Ending, instant: EpochMs): Promise<number> =>
    removeBatches(retrying, removal(settings, table), batch, instant)
  return {
    sessions: await remove({ table: "sessions", key: "id", instant: "expires_at", ends: "<=" }, now),
    challenges: await remove({ table: "challenges", key: "key", instant: "expires_at", ends: "<=" }, now),
    rateLimits: await remove({ table: "rate_limits", key: "key", instant: "expires_at", ends: "<=" }, now),
    auditLog:
      auditBefore === undefined
        ? 0
        : await remove({ table: "audit_log", key: "id", instant: "at", ends: "<" }, auditBefore),
  }
}

/** A table whose rows are over at an instant of theirs (`<=`), or only after it (`<`). */
interface Ending {
  readonly table: string
  readonly key: string
  readonly instant: string
  readonly ends: "<=" | "<"
}

function removal(settings: Settings, { table, key, instant, ends }: Ending): Statement {
  const name = tableIn(settings, table)
  return statementIn(
    settings,
    `purge.${table}`,
    `with gone as materialized (
       select ${key} from ${name} where ${instant} ${ends} ${toInstant("$1")}
       order by ${instant} limit $2::integer for update skip locked
     )
     delete from ${name} where ${key} in (select ${key} from gone) returning 1 as removed`,
  )
}

async function removeBatches(
  query: PostgresQuery,
  statement: Statement,
  batch: number,
  instant: EpochMs,
): Promise<number> {
  const values: Value[] = [instant, batch]
  let removed = 0
  for (;;) {
    const { length } = await run(query, statement, values)
    removed += length
    if (length < batch) return removed
  }
}
