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

/** Builds the texts once, for one schema. */
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
      `insert into ${users} (email, email_verified_at, created_at)
       values ($1, ${toInstant("$2")}, ${toInstant("$3")})
       on conflict do nothing
       returning ${columns}`,
    ),
    find: statementIn(settings, "users.find", `select ${columns} from ${users} where id = $1`),
    findByEmail: statementIn(
      settings,
      "users.find_by_email",
      `select ${columns} from ${users} where email = $1`,
    ),
    // A null says "leave it" for the address, which is never null; the other two come with a boolean that
    // says whether they change.
    update: statementIn(
      settings,
      "users.update",
      `update ${users} set
         email = coalesce($2::text, email),
         email_verified_at = case when $3::boolean then ${toInstant("$4")} else email_verified_at end,
         disabled_at = case when $5::boolean then ${toInstant("$6")} else disabled_at end
       where id = $1
       returning ${columns}`,
    ),
    delete: statementIn(
      settings,
      "users.delete",
      `delete from ${users} where id = $1 returning 1 as deleted`,
    ),
    listFirst: statementIn(
      settings,
      "users.list_first",
      `select ${columns} from ${users} as u order by u.created_at, u.id limit $1::integer`,
    ),
    listAfter: statementIn(
      settings,
      "users.list_after",
      `select ${columns} from ${users} as u
       where (u.created_at, u.id) > (select c.created_at, c.id from ${users} as c where c.id = $2)
       order by u.created_at, u.id limit $1::integer`,
    ),
  }
}
