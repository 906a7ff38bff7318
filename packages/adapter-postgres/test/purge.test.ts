import { newUser, sessionRecord, signInEntry } from "@mortise/core/testing"
import { afterAll, afterEach, beforeEach, expect, test } from "vitest"
import { migrate, type PurgeOptions, postgresStores, purge } from "../src/index.js"
import { connectPg, dropSchema, freshSchema, sql } from "./databases.js"

const connection = connectPg()
const now = 1_800_000_000_000
let schema = freshSchema()
let options = { schema, clock: () => now } satisfies PurgeOptions
let stores = postgresStores(connection.query, options)

beforeEach(async () => {
  schema = freshSchema()
  options = { schema, clock: () => now }
  stores = postgresStores(connection.query, options)
  await migrate(connection.query, options)
})
afterEach(() => dropSchema(connection, schema))
afterAll(() => connection.close())

async function count(table: string): Promise<unknown> {
  const [row] = await sql(connection, `select count(*)::integer as count from ${schema}.${table}`)
  return row?.count
}

test("removes what has expired, to the millisecond, and nothing else", async () => {
  const user = await stores.users.create(newUser())
  for (const expiresAt of [now - 1, now, now + 1]) {
    await stores.challenges.set(`challenge ${expiresAt}`, "x", expiresAt)
    await stores.rateLimits.set(`limit ${expiresAt}`, "x", expiresAt)
    await stores.sessions.insert(sessionRecord({ userId: user?.id ?? "", createdAt: now - 10, expiresAt }))
  }
  await stores.audit.append(signInEntry("u1", now - 1))
  expect(await purge(connection.query, options)).toEqual({
    sessions: 2,
    challenges: 2,
    rateLimits: 2,
    auditLog: 0,
  })
  expect(await count("challenges")).toBe(1)
  expect(await stores.rateLimits.get(`limit ${now + 1}`)).toBe("x")
  expect(await stores.sessions.listByUser(user?.id ?? "")).toHaveLength(1)
  expect(await purge(connection.query, options)).toEqual({
    sessions: 0,
    challenges: 0,
    rateLimits: 0,
    auditLog: 0,
  })
})

test("removes audit entries before an instant, if it is given one", async () => {
  for (const at of [now - 2, now - 1, now]) await stores.audit.append(signInEntry("u1", at))
  expect(await purge(connection.query, { ...options, auditBefore: now - 1 })).toMatchObject({ auditLog: 1 })
  expect((await stores.audit.list({ limit: 9 })).map((entry) => entry.at)).toEqual([now, now - 1])
})

test("works in batches, several processes at once, and counts each row once", async () => {
  for (let index = 0; index < 60; index += 1) await stores.challenges.set(`key ${index}`, "x", now - index)
  const statements: string[] = []
  const watched: typeof connection.query = (statement) => {
    statements.push(statement.name)
    return connection.query(statement)
  }
  const purges = [1, 2, 3].map(() => purge(watched, { ...options, batch: 7 }))
  const removed = (await Promise.all(purges)).map((purged) => purged.challenges)
  expect(removed.reduce((sum, each) => sum + each, 0)).toBe(60)
  expect(statements.filter((name) => name.endsWith("purge.challenges")).length).toBeGreaterThanOrEqual(9)
  expect(await count("challenges")).toBe(0)
})

test("waits for nobody: a row that is held is left for the next time", async () => {
  await stores.challenges.set("held", "x", now - 1)
  await stores.challenges.set("free", "x", now - 1)
  const holder = connectPg({ max: 1 })
  try {
    await sql(holder, "begin")
    await sql(holder, `select from ${schema}.challenges where key = 'held' for update`)
    expect(await purge(connection.query, options)).toMatchObject({ challenges: 1 })
    await sql(holder, "rollback")
    expect(await purge(connection.query, options)).toMatchObject({ challenges: 1 })
  } finally {
    await holder.close()
  }
})

test.each([0, -1, 1.5, Number.NaN])("a batch of %s is refused", async (batch) => {
  await expect(purge(connection.query, { ...options, batch })).rejects.toThrow(RangeError)
})

test("works with users of the host's", async () => {
  const hosted = { schema: `${schema}_h`, users: "host", clock: () => now } as const
  await migrate(connection.query, hosted)
  try {
    const { sessions } = postgresStores(connection.query, hosted)
    await sessions.insert(sessionRecord({ userId: "u1", createdAt: now - 10, expiresAt: now }))
    expect(await purge(connection.query, hosted)).toMatchObject({ sessions: 1 })
  } finally {
    await dropSchema(connection, hosted.schema)
  }
})
