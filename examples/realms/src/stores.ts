import { migrate, type PostgresQuery, postgresStores, purge } from "@mortise/adapter-postgres"
import type { Stores } from "@mortise/core"
import { embeddedPostgres } from "./databases/embedded-postgres.js"
import { createTables } from "./databases/tables.js"
import { peopleTable } from "./people/people-table.js"
import type { People, Person } from "./people/person.js"
import { type Catalogue, catalogue } from "./shop/catalogue.js"
import { type OrderBook, orderBook } from "./shop/order-book.js"
import { type StoreDirectory, storeDirectory } from "./shop/store-directory.js"

/** Everything that outlives a request. */
export interface OpenStores {
  /** What the library keeps, with our people as its users. The three realms share it. */
  readonly auth: Stores<Person>
  readonly people: People
  readonly directory: StoreDirectory
  readonly catalogue: Catalogue
  readonly orders: OrderBook
  readonly query: PostgresQuery
  close(): Promise<void>
}

const hour = 3_600_000
// Our own table has the users, see docs/stores.md.
const users = { users: "host" } as const

/** One embedded PostgreSQL for everything. */
export async function openStores(dataDirectory: string): Promise<OpenStores> {
  const { query, close } = await embeddedPostgres(dataDirectory)
  await migrate(query, users)
  await createTables(query)
  const people = peopleTable(query)

  const housekeeping = setInterval(() => {
    purge(query, users).catch((error: Error) => console.error(`Housekeeping: ${error.message}`))
  }, hour)

  return {
    auth: { ...postgresStores(query, users), users: people },
    people,
    directory: storeDirectory(query),
    catalogue: catalogue(query),
    orders: orderBook(query),
    query,
    async close() {
      clearInterval(housekeeping)
      await close()
    },
  }
}
