import type { AuditEntry, AuditStore, AuthEvent } from "@mortise/core"
import { toEpochMs, toInstant } from "./instant.js"
import { type PostgresQuery, type Row, run } from "./query.js"
import { numberOf, objectOf } from "./row.js"
import { type Settings, statementIn, tableIn } from "./settings.js"
import { storableJson, storableText } from "./storable.js"

/**
 * The log of events: a row each, with what one searches by (when, what, whose) in columns and the whole
 * event beside them. It has no foreign key: the log outlives the account. Entries of one millisecond keep
 * the order in which they were written.
 */
export function auditStore(query: PostgresQuery, settings: Settings): AuditStore {
  const log = tableIn(settings, "audit_log")
  const appendEntry = statementIn(
    settings,
    "audit_log.append",
    `insert into ${log} (at, type, realm, user_id, event)
     values (${toInstant("$1")}, $2, $3, $4, $5::text::jsonb)`,
  )
  const columns = `${toEpochMs("l.at")} as at, l.event::text as event`
  const newestFirst = "order by l.at desc, l.id desc limit $1::integer"
  const listAll = statementIn(settings, "audit_log.list", `select ${columns} from ${log} as l ${newestFirst}`)
  const listByUser = statementIn(
    settings,
    "audit_log.list_by_user",
    `select ${columns} from ${log} as l where l.user_id = $2 ${newestFirst}`,
  )

  async function append({ at, event }: AuditEntry): Promise<void> {
    const userId = "userId" in event && event.userId !== undefined ? storableText(event.userId) : null
    await run(query, appendEntry, [at, event.type, storableText(event.realm), userId, storableJson(event)])
  }

  async function list({ userId, limit }: { userId?: string; limit: number }): Promise<readonly AuditEntry[]> {
    const rows = await (userId === undefined
      ? run(query, listAll, [limit])
      : run(query, listByUser, [limit, storableText(userId)]))
    return rows.map(entryOf)
  }

  return { append, list }
}

function entryOf(row: Row): AuditEntry {
  const event: unknown = objectOf(row, "event")
  // Written by `append`, which took it from the type; the database keeps it as it was.
  return { at: numberOf(row, "at"), event: event as AuthEvent }
}
