import { migrate, type PostgresQuery } from "@mortise/adapter-postgres"
import { breakable } from "../errors/outage"
import type { Settings } from "../settings"
import { createUserTables } from "../users/user-tables"
import { embeddedPostgres } from "./embedded-postgres"
import { postgresServer } from "./postgres-server"

/** A database that is opened by whoever asks it first, and brought up to date then. One that could not be opened is tried again. */
export interface OpenDatabase {
  readonly query: PostgresQuery
  close(): Promise<void>
}

/** The users are our own table, so the library keeps none. */
export const hosted = { users: "host" } as const

export function openDatabase({ databaseUrl, dataDirectory, errorsPage }: Settings): OpenDatabase {
  let opening: ReturnType<typeof open> | undefined

  async function open(): Promise<{ query: PostgresQuery; close(): Promise<void> }> {
    const database = databaseUrl ? postgresServer(databaseUrl) : await embeddedPostgres(dataDirectory)
    await migrate(database.query, hosted)
    await createUserTables(database.query)
    return database
  }

  function opened(): ReturnType<typeof open> {
    opening ??= open().catch((error) => {
      opening = undefined
      throw error
    })
    return opening
  }

  const query: PostgresQuery = async (statement) => (await opened()).query(statement)
  return {
    query: errorsPage ? breakable(query) : query,
    close: async () => (await opening)?.close(),
  }
}
