import type { AuditMark, AuditVerdict } from "@mortise/core"
import type { AuditStatements } from "./audit-statements.js"
import { type PostgresQuery, type Row, run } from "./query.js"
import { numberOf, objectOf, textOf, unexpected } from "./row.js"

/** How many records one statement looks at: well below a second of the server's time. */
const pageSize = 5_000

interface Page {
  readonly records: number
  readonly broken: AuditVerdict | undefined
  readonly reached: AuditMark | undefined
  readonly start: AuditMark
  readonly end: AuditMark
}

/**
 * Goes through the log in short statements, each with a snapshot of its own, while others append to it and cut it. What was cut off since is
 * passed over; the last page and the log's end are of one snapshot.
 */
export async function verify(
  query: PostgresQuery,
  statements: AuditStatements,
  since: AuditMark | undefined,
): Promise<AuditVerdict> {
  const place = await (since ? remembered(query, statements, since) : beginning(query, statements))
  if ("ok" in place) return place
  let [previous, records] = [place, 0]
  for (;;) {
    const page = await pageAfter(query, statements, previous)
    if (!page) return { ok: false, number: previous.number + 1, fault: "missing" }
    if (page.start.number > previous.number) {
      previous = page.start
      continue
    }
    if (page.broken) return page.broken
    records += page.records
    previous = page.reached ?? previous
    if (page.records < pageSize) return verdict(previous, page.end, records)
  }
}

/** The last record that was found against what the log says of its end. */
function verdict(reached: AuditMark, end: AuditMark, records: number): AuditVerdict {
  if (reached.number < end.number) return { ok: false, number: reached.number + 1, fault: "missing" }
  if (reached.number > end.number) return { ok: false, number: end.number + 1, fault: "changed" }
  if (reached.hash !== end.hash) return { ok: false, number: end.number, fault: "changed" }
  return { ok: true, records, last: end.number === 0 ? undefined : end }
}

async function remembered(
  query: PostgresQuery,
  { place }: AuditStatements,
  { number, hash }: AuditMark,
): Promise<AuditMark | AuditVerdict> {
  const [row] = await run(query, place, [number])
  if (!row) return { ok: false, number, fault: "missing" }
  return textOf(row, "hash") === hash ? { number, hash } : { ok: false, number, fault: "changed" }
}

async function beginning(query: PostgresQuery, { ends }: AuditStatements): Promise<AuditMark | AuditVerdict> {
  const [row] = await run(query, ends, [])
  return row ? markOf(row) : { ok: false, number: 1, fault: "missing" }
}

async function pageAfter(
  query: PostgresQuery,
  statements: AuditStatements,
  { number, hash }: AuditMark,
): Promise<Page | undefined> {
  const [row] = await run(query, statements.verify, [number, hash, pageSize])
  return (
    row && {
      records: numberOf(row, "records"),
      broken: row["broken"] === null ? undefined : brokenOf(objectOf(row, "broken")),
      reached: row["reached"] === null ? undefined : markOf(objectOf(row, "reached")),
      start: markOf(objectOf(row, "log_start")),
      end: markOf(objectOf(row, "log_end")),
    }
  )
}

function brokenOf(row: Row): AuditVerdict {
  const fault = textOf(row, "fault")
  if (fault !== "changed" && fault !== "missing" && fault !== "unaccounted")
    throw unexpected("fault", "one", fault)
  return { ok: false, number: numberOf(row, "number"), fault }
}

function markOf(row: Row): AuditMark {
  return { number: numberOf(row, "number"), hash: textOf(row, "hash") }
}
