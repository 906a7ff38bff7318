import { migrate, postgresStores } from "@mortise/adapter-postgres"
import { userStoreChecks } from "@mortise/core/testing"
import { Pool } from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { PostgresService } from "../../../tools/services/postgres.d.mts"
import { startPostgres } from "../../../tools/services/postgres.mjs"
import { hosted } from "../src/databases/open-database"
import { type Members, members } from "../src/users/members"
import { createUserTables } from "../src/users/user-tables"

let postgres: PostgresService
let pools: readonly [Pool, Pool]

// Two pools stand for two servers.
beforeAll(async () => {
  postgres = await startPostgres()
  pools = [new Pool({ connectionString: postgres.url }), new Pool({ connectionString: postgres.url })]
  const [pool] = pools
  await migrate((statement) => pool.query(statement), hosted)
  await Promise.all(pools.map((each) => createUserTables((statement) => each.query(statement))))
})
afterAll(async () => {
  await Promise.all(pools?.map((pool) => pool.end()) ?? [])
  await postgres?.stop()
})

function both(): { readonly a: Members; readonly b: Members } {
  const [a, b] = pools
  return { a: members((statement) => a.query(statement)), b: members((statement) => b.query(statement)) }
}

test.each(userStoreChecks)("our table as the library's users: $name", (check) => check.run(both))

test("what GitHub says shows at the member who has that account, from the next look on", async () => {
  const { a, b } = both()
  const member = await a.create({
    email: "octo@users.example",
    emailVerifiedAt: null,
    createdAt: 1,
    profile: { username: "octo" },
  })
  const id = member?.id ?? ""
  expect(member).toMatchObject({ username: "octo", isSponsor: false, logins: 0, lastLoginAt: null })
  const { credentials } = postgresStores((statement) => pools[0].query(statement), hosted)
  const identity = {
    kind: "identity",
    userId: id,
    secret: "{}",
    revision: 0,
    createdAt: 1,
    changedAt: 1,
  } as const
  await credentials.insert({ ...identity, handle: "https://github.com|42" })
  await a.keepProfile({ subject: "42", username: "octo-cat", isSponsor: true })
  expect(await b.find(id)).toMatchObject({ username: "octo-cat", isSponsor: true })
  await b.keepProfile({ subject: "43", username: "somebody-else", isSponsor: false })
  await b.touch(id, 1_700_000_000_000)
  expect(await a.find(id)).toMatchObject({
    username: "octo-cat",
    isSponsor: true,
    logins: 1,
    lastLoginAt: 1_700_000_000_000,
  })
})
