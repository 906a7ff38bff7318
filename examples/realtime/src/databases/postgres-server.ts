import { Pool } from "pg"
import type { Database } from "./database.js"

/** Longest that a page waits for a connection, and for an answer, before it says 503. */
const patience = 700

/** A pool of connections to a PostgreSQL server. It survives outages: a broken connection is replaced by the next query. */
export function postgresServer(url: string): Database {
  const pool = new Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: patience,
    query_timeout: patience,
    keepAlive: true,
  })
  // An idle connection that breaks has nobody to reject to; unheard, it would end the process.
  pool.on("error", (error) => console.error(`PostgreSQL: ${error.message}`))
  return {
    query: (statement) => pool.query(statement),
    close: () => pool.end(),
  }
}
