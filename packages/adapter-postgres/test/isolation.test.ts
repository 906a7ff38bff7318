import {
  atomicStoreChecks,
  credentialRealmChecks,
  credentialStoreChecks,
  newUser,
  sessionStoreChecks,
  userRealmChecks,
  userStoreChecks,
} from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { migrate, postgresStores } from "../src/index.js"
import { connectPg, dropSchema, freshSchema, sql } from "./databases.js"

// A database whose host has raised the default isolation: PostgreSQL then undoes statements that met, and
// they are run again.
describe.each(["repeatable read", "serializable"])("default isolation %s", (isolation) => {
  const options = `-c default_transaction_isolation=${isolation.replace(" ", "\\ ")}`
  const connections = [connectPg({ options }), connectPg({ options })] as const
  const schema = freshSchema()

  beforeAll(() => migrate(connections[0].query, { schema }))
  afterAll(async () => {
    await dropSchema(connections[0], schema)
    await Promise.all(connections.map((connection) => connection.close()))
  })

  function both(
    clock: () => number,
    realm: { readonly usersOf?: string } = {},
  ): { a: ReturnType<typeof postgresStores>; b: ReturnType<typeof postgresStores> } {
    const [one, other] = connections
    return {
      a: postgresStores(one.query, { schema, clock, ...realm }),
      b: postgresStores(other.query, { schema, clock, ...realm }),
    }
  }

  test("is in force", async () => {
    expect(await sql(connections[0], "show transaction_isolation")).toEqual([
      { transaction_isolation: isolation },
    ])
  })

  for (const check of atomicStoreChecks.filter(races)) {
    test(check.name, () =>
      check.run((clock) => ({ a: both(clock).a.challenges, b: both(clock).b.challenges })),
    )
  }
  for (const check of userStoreChecks.filter(races)) {
    test(check.name, () => check.run((clock) => ({ a: both(clock).a.users, b: both(clock).b.users })))
  }
  for (const check of credentialStoreChecks.filter(races)) {
    test(check.name, () =>
      check.run((clock) => ({ a: both(clock).a.credentials, b: both(clock).b.credentials, newUserId })),
    )
  }
  for (const check of sessionStoreChecks.filter(races)) {
    test(check.name, () =>
      check.run((clock) => ({ a: both(clock).a.sessions, b: both(clock).b.sessions, newUserId })),
    )
  }

  const store = (clock: () => number): ReturnType<typeof both> => both(clock, { usersOf: "store" })
  for (const check of userRealmChecks.filter(races)) {
    test(check.name, () =>
      check.run((clock) => ({
        ...{ a: both(clock).a.users, b: both(clock).b.users },
        other: { a: store(clock).a.users, b: store(clock).b.users },
      })),
    )
  }
  for (const check of credentialRealmChecks.filter(races)) {
    test(check.name, () =>
      check.run((clock) => ({
        ...{ a: both(clock).a.credentials, b: both(clock).b.credentials, newUserId },
        other: {
          ...{ a: store(clock).a.credentials, b: store(clock).b.credentials },
          newUserId: async () => (await store(Date.now).a.users.create(newUser()))?.id ?? "",
        },
      })),
    )
  }

  async function newUserId(): Promise<string> {
    return (await both(Date.now).a.users.create(newUser()))?.id ?? ""
  }
})

function races({ name }: { readonly name: string }): boolean {
  return /parallel|against|meet/.test(name)
}
