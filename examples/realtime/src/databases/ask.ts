import type { PostgresQuery, Row, Value } from "@mortise/adapter-postgres"
import { StoreError } from "@mortise/core"

/** Asks the database for one of the application's own tables. */
export type Ask = (name: string, text: string, values: Value[]) => Promise<readonly Row[]>

/** A database that fails is a StoreError, so it is answered with 503 as the library's own stores are. */
export function asking(query: PostgresQuery, table: string): Ask {
  return async function ask(name, text, values) {
    try {
      return (await query({ name: `parlour.${table}.${name}`, text, values })).rows
    } catch (cause) {
      throw new StoreError(table, cause)
    }
  }
}
