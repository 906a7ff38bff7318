import { toEpochMs, toInstant } from "./instant.js"
import type { Statement } from "./query.js"
import { type Settings, statementIn, tableIn } from "./settings.js"

/** Every statement of the `credentials` table. */
export interface CredentialStatements {
  readonly insert: Statement
  readonly find: Statement
  readonly listByUser: Statement
  readonly replace: Statement
  readonly delete: Statement
  readonly deleteByUser: Statement
}

/** Builds the texts once, for one schema. */
export function credentialStatements(settings: Settings): CredentialStatements {
  const credentials = tableIn(settings, "credentials")
  const columns = `
    kind, handle, user_id, secret, revision,
    ${toEpochMs("created_at")} as created_at,
    ${toEpochMs("changed_at")} as changed_at`
  return {
    insert: statementIn(
      settings,
      "credentials.insert",
      `insert into ${credentials} (kind, handle, user_id, secret, revision, created_at, changed_at)
       values ($1, $2, $3, $4, $5, ${toInstant("$6")}, ${toInstant("$7")})
       on conflict do nothing
       returning 1 as inserted`,
    ),
    find: statementIn(
      settings,
      "credentials.find",
      `select ${columns} from ${credentials} where kind = $1 and handle = $2`,
    ),
    listByUser: statementIn(
      settings,
      "credentials.list_by_user",
      `select ${columns} from ${credentials} as c where user_id = $1 order by c.created_at, kind, handle`,
    ),
    replace: statementIn(
      settings,
      "credentials.replace",
      `update ${credentials} set secret = $3, revision = $4, changed_at = ${toInstant("$5")}
       where kind = $1 and handle = $2 and revision = $6
       returning 1 as replaced`,
    ),
    delete: statementIn(
      settings,
      "credentials.delete",
      `delete from ${credentials} where kind = $1 and handle = $2 returning 1 as deleted`,
    ),
    deleteByUser: statementIn(settings, "credentials.delete_by_user", deleteByUser(settings)),
  }
}

// Several rows are locked at once only while the user's row is held, as deleting the user does too: no two
// can wait for each other.
function deleteByUser(settings: Settings): string {
  const credentials = tableIn(settings, "credentials")
  if (settings.users === "host") return `delete from ${credentials} where user_id = $1 returning 1 as deleted`
  return `with held as materialized (
      select id from ${tableIn(settings, "users")} where id = $1 for no key update
    )
    delete from ${credentials} where user_id in (select id from held) returning 1 as deleted`
}
