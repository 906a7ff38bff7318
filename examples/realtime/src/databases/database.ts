import type { PostgresQuery } from "@mortise/adapter-postgres"

/** A PostgreSQL to ask, wherever it runs. */
export interface Database {
  readonly query: PostgresQuery
  close(): Promise<void>
}
