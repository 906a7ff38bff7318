import { toEpochMs, toInstant } from "./instant.js"
import type { Statement } from "./query.js"
import { type Settings, statementIn, tableIn } from "./settings.js"

/** Every statement of the `users` table. */
export interface UserStatements {
  readonly create: Statement
  readonly find: Statement
  readonly findByEmail: Statement
  readonly update: Statement
  readonly delete: Statement
  readonly listFirst: Statement
  readonly listAfter: Statement
}

/** Builds the texts once, for one schema. `$1` is the realm, everywhere: the same statements serve all. */
export function userStatements(settings: Settings): UserStatements {
  const users = tableIn(settings, "users")
  const columns = `
    id, email,
    ${toEpochMs("email_verified_at")} as email_verified_at,
    ${toEpochMs("disabled_at")} as disabled_at,
    ${toEpochMs("created_at")} as created_at`
  return {
    create: statementIn(
      settings,
      "users.create",
      `insert into ${users} (realm, email, email_verified_at, created_at)
       values ($1, $2, ${toInstant("$3")}, ${toInstant("$4")})
       on conflict do nothing
       returning ${columns}`,
    ),
    find: statementIn(settings, "users.find", `select ${columns} from ${users} where realm = $1 and id = $2`),
    findByEmail: statementIn(
      settings,
      "users.find_by_email",
      `select ${columns} from ${users} where realm = $1 and email = $2`,
    ),
    // A null says "leave it" for the address, which is never null; the other two come with a boolean that
    // says whether they change.
    update: statementIn(
      settings,
      "users.update",
      `update ${users} set
         email = coalesce($3::text, email),
         email_verified_at = case when $4::boolean then ${toInstant("$5")} else email_verified_at end,
         disabled_at = case when $6::boolean then ${toInstant("$7")} else disabled_at end
       where realm = $1 and id = $2
       returning ${columns}`,
    ),
    delete: statementIn(
      settings,
      "users.delete",
      `delete from ${users} where realm = $1 and id = $2 returning 1 as deleted`,
    ),
    listFirst: statementIn(
      settings,
      "users.list_first",
      `select ${columns} from ${users} as u where u.realm = $1
       order by u.created_at, u.id limit $2::integer`,
    ),
    listAfter: statementIn(
      settings,
      "users.list_after",
      `select ${columns} from ${users} as u
       where u.realm = $1 and (u.created_at, u.id) >
         (select c.created_at, c.id from ${users} as c where c.realm = $1 and c.id = $3)
       order by u.created_at, u.id limit $2::integer`,
    ),
  }
}
