import type { PostgresQuery, Row, Value } from "@mortise/adapter-postgres"
import { StoreError } from "@mortise/core"

/** Runs a statement and answers its rows. */
export type Ask = (name: string, text: string, values?: Value[]) => Promise<readonly Row[]>

/** One table's way to the database. A database that fails is a StoreError, so it is answered with 503 as the library's own stores are. */
export function asker(query: PostgresQuery, table: string): Ask {
  return async function ask(name, text, values = []) {
    try {
      return (await query({ name: `quayside.${table}.${name}`, text, values })).rows
    } catch (cause) {
      throw new StoreError(table, cause)
    }
  }
}
