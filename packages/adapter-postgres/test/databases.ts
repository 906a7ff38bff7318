import { PGlite } from "@electric-sql/pglite"
import pg from "pg"
import postgres from "postgres"
import { inject } from "vitest"
import type { PostgresQuery } from "../src/index.js"

/** Connections of their own, as one process would have them. */
export interface Connection {
  readonly query: PostgresQuery
  readonly close: () => Promise<void>
}

// Each driver with the line that the README gives.

/** A pool of pg. */
export function connectPg(settings: pg.PoolConfig = {}): Connection {
  const pool = new pg.Pool({ connectionString: inject("postgresUrl"), ...settings })
  return { query: (statement) => pool.query(statement), close: () => pool.end() }
}

/** A pool of postgres.js. */
export function connectPostgresJs(): Connection {
  const sql = postgres(inject("postgresUrl"), { onnotice: () => {} })
  return {
    query: async ({ text, values }) => ({ rows: await sql.unsafe(text, values, { prepare: true }) }),
    close: () => sql.end(),
  }
}

/** A whole PostgreSQL in this process, with one connection. */
export function connectPglite(): Connection {
  const database = new PGlite()
  return { query: ({ text, values }) => database.query(text, values), close: () => database.close() }
}

/** A schema name that no other test uses: the server is shared by the whole run. */
export function freshSchema(): string {
  return `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`
}

/** Removes a test's schema. */
export async function dropSchema({ query }: Connection, schema: string): Promise<void> {
  await query({ name: "", text: `drop schema if exists "${schema}" cascade`, values: [] })
}

/** One statement of a test's own. */
export async function sql(
  { query }: Connection,
  text: string,
  values: (string | number)[] = [],
): Promise<readonly Record<string, unknown>[]> {
  return (await query({ name: "", text, values })).rows
}
