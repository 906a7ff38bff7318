import type { EpochMs } from "@mortise/core"
import { toInstant } from "./instant.js"
import { type PostgresQuery, run, type Statement, type Value } from "./query.js"
import { retryConflicts } from "./retry.js"
import { numberOf } from "./row.js"
import { type PostgresOptions, type Settings, settingsOf, statementIn, tableIn } from "./settings.js"

/** What to remove, and how gently. */
export interface PurgeOptions extends PostgresOptions {
  /** Most rows that one statement removes. Default 1000. */
  readonly batch?: number
  /**
   * Cuts the audit log at the front: records older than this instant, up to the first that is not. Default: none,
   * the log is kept. It verifies afterwards, from its new start on. Needs the right `"purge"`, see `grant`.
   */
  readonly auditBefore?: EpochMs
  /** Blanks network address and user agent of audit records older than this instant, likewise. Default: of none. */
  readonly addressesBefore?: EpochMs
}

/** How many rows were removed from each table, and how many records of the log lost their address. */
export interface Purged {
  readonly sessions: number
  readonly challenges: number
  readonly rateLimits: number
  readonly auditLog: number
  readonly auditAddresses: number
}

/**
 * Removes what has expired. Housekeeping only: every read checks expiry itself, so how often it runs
 * (hourly is plenty) decides about disk space and nothing else. Works through each table in short
 * statements, passes over rows that somebody holds, waits for nobody (but, for the audit log, for an append
 * that is under way), and may run in several processes at once.
 * @throws RangeError for a schema that is no plain identifier, or a batch that is no positive whole number
 */
export async function purge(query: PostgresQuery, options: PurgeOptions = {}): Promise<Purged> {
  const settings = settingsOf(options)
  const { batch = 1000, auditBefore, addressesBefore } = options
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new RangeError(`batch: ${batch} is no positive whole number.`)
  const now = settings.clock()
  const retrying = retryConflicts(query)
  const remove = (table: Ending, instant: EpochMs): Promise<number> =>
    removeBatches(retrying, removal(settings, table), batch, instant)
  const shorten = async (step: string, before: EpochMs | undefined): Promise<number> =>
    before === undefined ? 0 : shortenLog(retrying, shortening(settings, step), batch, before)
  return {
    sessions: await remove({ table: "sessions", key: "id", instant: "expires_at", ends: "<=" }, now),
    challenges: await remove({ table: "challenges", key: "key", instant: "expires_at", ends: "<=" }, now),
    rateLimits: await remove({ table: "rate_limits", key: "key", instant: "expires_at", ends: "<=" }, now),
    auditLog: await shorten("audit_log_cut", auditBefore),
    auditAddresses: await shorten("audit_log_forget_addresses", addressesBefore),
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

/** The log is written through its functions alone. They answer how many records they have worked on. */
function shortening(settings: Settings, step: string): Statement {
  const call = `select ${tableIn(settings, step)}(${toInstant("$1")}, $2::integer) as count`
  return statementIn(settings, `purge.${step}`, call)
}

async function shortenLog(
  query: PostgresQuery,
  statement: Statement,
  batch: number,
  before: EpochMs,
): Promise<number> {
  let shortened = 0
  for (;;) {
    const [row] = await run(query, statement, [before, batch])
    const count = numberOf(row ?? {}, "count")
    shortened += count
    if (count < batch) return shortened
  }
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
