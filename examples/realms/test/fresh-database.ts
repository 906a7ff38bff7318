import { PGlite } from "@electric-sql/pglite"
import type { PostgresQuery } from "@mortise/adapter-postgres"
import { createTables } from "../src/databases/tables.js"

/** An empty site in memory. */
export async function freshDatabase(): Promise<{ query: PostgresQuery; close(): Promise<void> }> {
  const database = await PGlite.create()
  const query: PostgresQuery = ({ text, values }) => database.query(text, values)
  await createTables(query)
  return { query, close: () => database.close() }
}
