import { afterAll, afterEach, describe, expect, inject, test } from "vitest"
import { migrate, postgresStores } from "../src/index.js"
import { connectPg, connectPostgresJs, dropSchema, freshSchema, sql } from "./databases.js"

const connections = [...Array.from({ length: 6 }, () => connectPg({ max: 3 })), connectPostgresJs()]
const admin = connectPg({ max: 2 })
let schema = freshSchema()

afterEach(async () => {
  await dropSchema(admin, schema)
  schema = freshSchema()
})
afterAll(() => Promise.all([...connections, admin].map((connection) => connection.close())))

async function applied(): Promise<readonly unknown[]> {
  return sql(admin, `select number, name, users, applied_at::text from ${schema}.migrations order by number`)
}

test("any number of processes may migrate at once: each migration runs once", async () => {
  const calls = connections.flatMap(({ query }) => [1, 2, 3].map(() => migrate(query, { schema })))
  await Promise.all(calls)
  expect(await applied()).toMatchObject([
    { number: 1, name: "accounts", users: "mortise" },
    { number: 2, name: "sessions" },
    { number: 3, name: "challenges" },
    { number: 4, name: "audit log" },
  ])
})

test("running again changes nothing", async () => {
  await migrate(admin.query, { schema })
  const before = await applied()
  await migrate(admin.query, { schema })
  expect(await applied()).toEqual(before)
})

test("a migration that fails leaves nothing of itself, and goes on where it stopped", async () => {
  await sql(admin, `create schema ${schema}`)
  await sql(admin, `create view ${schema}.rate_limits as select 1 as one`)
  await expect(migrate(admin.query, { schema })).rejects.toThrow('relation "rate_limits" already exists')
  expect(await applied()).toMatchObject([{ number: 1 }, { number: 2 }])
  const challenges = `select to_regclass('${schema}.challenges')::text as name`
  expect(await sql(admin, challenges), "made before the statement that failed").toEqual([{ name: null }])
  await sql(admin, `drop view ${schema}.rate_limits`)
  await migrate(admin.query, { schema })
  expect(await applied()).toHaveLength(4)
})

test("a schema made for one kind of users is not taken for the other", async () => {
  await migrate(admin.query, { schema, users: "host" })
  await expect(migrate(admin.query, { schema })).rejects.toThrow(
    `Schema ${schema} was made with users: "host", not "mortise".`,
  )
  await migrate(admin.query, { schema, users: "host" })
})

test("where everything is there already, the right to create is not needed", async () => {
  const role = `${schema}_app`
  await migrate(admin.query, { schema })
  await sql(admin, `create role ${role} login`)
  await sql(admin, `grant usage on schema ${schema} to ${role}`)
  await sql(admin, `grant select, insert, update, delete on all tables in schema ${schema} to ${role}`)
  const app = connectPg({ connectionString: inject("postgresUrl").replace(/\/\/[^@]*@/, `//${role}@`) })
  try {
    await migrate(app.query, { schema })
    const { users, audit } = postgresStores(app.query, { schema })
    const user = await users.create({ email: "app@example.com", emailVerifiedAt: null, createdAt: 1 })
    expect(user).toMatchObject({ email: "app@example.com" })
    expect(await audit.list({ limit: 1 })).toEqual([])
    await expect(migrate(app.query, { schema: `${schema}_x` })).rejects.toThrow("permission denied")
  } finally {
    await app.close()
    await sql(admin, `drop owned by ${role}`)
    await sql(admin, `drop role ${role}`)
  }
})

describe("the schema's name", () => {
  test.each(["", "Mortise", "1st", "a-b", 'a"b', "a;b", "pg_mine", "x".repeat(31), "ä", "a b"])(
    "%j is refused",
    async (name) => {
      await expect(migrate(admin.query, { schema: name })).rejects.toThrow(RangeError)
      expect(() => postgresStores(admin.query, { schema: name })).toThrow(RangeError)
    },
  )

  test("may be a keyword", async () => {
    await migrate(admin.query, { schema: "select" })
    try {
      const { challenges } = postgresStores(admin.query, { schema: "select" })
      expect(await challenges.add("key", "value", Date.now() + 1000)).toBe(true)
    } finally {
      await dropSchema(admin, "select")
    }
  })
})

test("the database keeps what does not fit together out", async () => {
  await migrate(admin.query, { schema })
  const { sessions, credentials } = postgresStores(admin.query, { schema })
  const nobody = crypto.randomUUID()
  const credential = { kind: "password", handle: nobody, userId: nobody, secret: "x", revision: 0 } as const
  await expect(credentials.insert({ ...credential, createdAt: 1, changedAt: 1 })).rejects.toMatchObject({
    constraint: "credentials_user_id_fkey",
  })
  expect(await sessions.epoch(nobody)).toBe(0)
})
