import type { ConsentRecord, ConsentStore } from "@mortise/core"
import { toEpochMs, toInstant } from "./instant.js"
import { type PostgresQuery, type Row, run } from "./query.js"
import { numberOf, textOf, unexpected } from "./row.js"
import { type Settings, statementIn, tableIn } from "./settings.js"
import { isStorable, requireStorable } from "./storable.js"

/** What users agreed to: a row each time, which goes when the user goes. */
export function consentStore(query: PostgresQuery, settings: Settings): ConsentStore {
  const consents = tableIn(settings, "consents")
  const appendRecord = statementIn(
    settings,
    "consents.append",
    `insert into ${consents} (user_id, purpose, version, given, at)
     values ($1, $2, $3, $4::boolean, ${toInstant("$5")})`,
  )
  const listRecords = statementIn(
    settings,
    "consents.list_by_user",
    `select c.user_id, c.purpose, c.version, c.given, ${toEpochMs("c.at")} as at from ${consents} as c
     where c.user_id = $1 order by c.at, c.number`,
  )
  const deleteRecords = statementIn(
    settings,
    "consents.delete_by_user",
    `delete from ${consents} where user_id = $1 returning 1 as deleted`,
  )

  async function append({ userId, purpose, version, given, at }: ConsentRecord): Promise<void> {
    for (const [name, text] of Object.entries({ userId, purpose, version })) requireStorable(name, text)
    await run(query, appendRecord, [userId, purpose, version, given, at])
  }

  async function listByUser(userId: string): Promise<readonly ConsentRecord[]> {
    if (!isStorable(userId)) return []
    return (await run(query, listRecords, [userId])).map(recordOf)
  }

  async function deleteByUser(userId: string): Promise<number> {
    if (!isStorable(userId)) return 0
    return (await run(query, deleteRecords, [userId])).length
  }

  return { append, listByUser, deleteByUser }
}

function recordOf(row: Row): ConsentRecord {
  const { given } = row
  if (typeof given !== "boolean") throw unexpected("given", "a boolean", given)
  return {
    userId: textOf(row, "user_id"),
    purpose: textOf(row, "purpose"),
    version: textOf(row, "version"),
    given,
    at: numberOf(row, "at"),
  }
}
