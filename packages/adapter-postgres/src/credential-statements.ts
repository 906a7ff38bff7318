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

/** Builds the texts once, for one schema. `$1` is the realm, everywhere: the same statements serve all. */
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
      `insert into ${credentials} (realm, kind, handle, user_id, secret, revision, created_at, changed_at)
       values ($1, $2, $3, $4, $5, $6, ${toInstant("$7")}, ${toInstant("$8")})
       on conflict do nothing
       returning 1 as inserted`,
    ),
    find: statementIn(
      settings,
      "credentials.find",
      `select ${columns} from ${credentials} where realm = $1 and kind = $2 and handle = $3`,
    ),
    listByUser: statementIn(
      settings,
      "credentials.list_by_user",
      `select ${columns} from ${credentials} as c where realm = $1 and user_id = $2
       order by c.created_at, kind, handle`,
    ),
    replace: statementIn(
      settings,
      "credentials.replace",
      `update ${credentials} set secret = $4, revision = $5, changed_at = ${toInstant("$6")}
       where realm = $1 and kind = $2 and handle = $3 and revision = $7
       returning 1 as replaced`,
    ),
    delete: statementIn(
      settings,
      "credentials.delete",
      `delete from ${credentials} where realm = $1 and kind = $2 and handle = $3 returning 1 as deleted`,
    ),
    deleteByUser: statementIn(settings, "credentials.delete_by_user", deleteByUser(settings)),
  }
}

// Several rows are locked at once only while the user's row is held, as deleting the user does too: no two
// can wait for each other.
function deleteByUser(settings: Settings): string {
  const credentials = tableIn(settings, "credentials")
  if (settings.users === "host") {
    return `delete from ${credentials} where realm = $1 and user_id = $2 returning 1 as deleted`
  }
  return `with held as materialized (
      select id from ${tableIn(settings, "users")} where realm = $1 and id = $2 for no key update
    )
    delete from ${credentials} where realm = $1 and user_id in (select id from held) returning 1 as deleted`
}
