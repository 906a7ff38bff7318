import type { AtomicTable } from "./atomic-store.js"
import { toInstant } from "./instant.js"
import type { Statement } from "./query.js"
import { type Settings, statementIn, tableIn } from "./settings.js"

/** Every statement of a table of short-lived values. */
export interface AtomicStatements {
  readonly get: Statement
  readonly set: Statement
  readonly delete: Statement
  readonly add: Statement
  readonly swap: Statement
  readonly take: Statement
  readonly increment: Statement
}

/**
 * Builds the texts once, for one table. Whoever finds a row locked waits, and then decides on its newest
 * version: that is what READ COMMITTED promises for `update` and `delete` with a condition, and for `on
 * conflict do update`.
 */
export function atomicStatements(settings: Settings, table: AtomicTable): AtomicStatements {
  const values = tableIn(settings, table)
  const live = `v.expires_at > ${toInstant("$3")}`
  function statement(name: keyof AtomicStatements, text: string): Statement {
    return statementIn(settings, `${table}.${name}`, text)
  }
  return {
    get: statement("get", `select value from ${values} where key = $1 and expires_at > ${toInstant("$2")}`),
    set: statement(
      "set",
      `insert into ${values} (key, value, expires_at) values ($1, $2, ${toInstant("$3")})
       on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at`,
    ),
    delete: statement("delete", `delete from ${values} where key = $1`),
    add: statement(
      "add",
      `insert into ${values} as v (key, value, expires_at) values ($1, $2, ${toInstant("$3")})
       on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
         where v.expires_at <= ${toInstant("$4")}
       returning 1 as added`,
    ),
    swap: statement(
      "swap",
      `update ${values} set value = $3, expires_at = ${toInstant("$4")}
       where key = $1 and value = $2 and expires_at > ${toInstant("$5")}
       returning 1 as swapped`,
    ),
    // An expired value is removed too, but not handed over.
    take: statement(
      "take",
      `delete from ${values} where key = $1 returning value, expires_at > ${toInstant("$2")} as live`,
    ),
    increment: statement(
      "increment",
      `insert into ${values} as v (key, value, expires_at) values ($1, '1', ${toInstant("$2")})
       on conflict (key) do update set
         value = case when ${live} then (v.value::bigint + 1)::text else excluded.value end,
         expires_at = case when ${live} then v.expires_at else excluded.expires_at end
       returning value::float8 as count`,
    ),
  }
}
