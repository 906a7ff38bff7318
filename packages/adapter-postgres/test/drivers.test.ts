import {
  atomicOutageChecks,
  auditOutageChecks,
  consentOutageChecks,
  credentialOutageChecks,
  newUser,
  sessionOutageChecks,
  sessionRecord,
  userOutageChecks,
} from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { migrate, type PostgresQuery, postgresStores, type Row } from "../src/index.js"
import { connectPg, dropSchema, freshSchema } from "./databases.js"

const connection = connectPg()
const schema = freshSchema()

beforeAll(() => migrate(connection.query, { schema }))
afterAll(async () => {
  await dropSchema(connection, schema)
  await connection.close()
})

/** A driver that answers what `change` makes of each row. */
function changed(change: (row: Row) => Row): PostgresQuery {
  return async (statement) => ({ rows: (await connection.query(statement)).rows.map(change) })
}

test("a driver that hands out numbers as text is understood", async () => {
  const query = changed((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? String(value) : value]),
    ),
  )
  const stores = postgresStores(query, { schema })
  const user = await stores.users.create(newUser({ createdAt: 1_700_000_000_123 }))
  expect(user).toMatchObject({ createdAt: 1_700_000_000_123, emailVerifiedAt: null })
  const record = sessionRecord({ userId: user?.id ?? "" })
  await stores.sessions.insert(record)
  expect((await stores.sessions.find(record.id))?.record).toEqual(record)
  expect(await stores.challenges.increment(crypto.randomUUID(), Date.now() + 1000)).toBe(1)
})

test("a driver that answers nonsense is an error that names the column and shows no value", async () => {
  const user = await postgresStores(connection.query, { schema }).users.create(newUser())
  for (const [column, value] of [
    ["email", 7],
    ["created_at", "soon"],
    ["created_at", new Date()],
    ["email_verified_at", undefined],
  ] as const) {
    const { users } = postgresStores(
      changed((row) => ({ ...row, [column]: value })),
      { schema },
    )
    await expect(users.find(user?.id ?? "")).rejects.toThrow(
      `The driver gave column ${column} as ${typeof value}`,
    )
  }
})

test("an answer after the time-out changes nothing; a timeout that is no time is refused", async () => {
  let answer = (): void => {}
  const query: PostgresQuery = () => new Promise((resolve) => (answer = () => resolve({ rows: [] })))
  const waiting = postgresStores(query, { timeout: 0.05 }).challenges.get("key")
  await expect(waiting).rejects.toThrow("PostgreSQL did not answer within 0.05 s.")
  answer()
  for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => postgresStores(connection.query, { timeout })).toThrow(RangeError)
  }
})

describe("a conflict with another statement", () => {
  function failing(times: number, error: unknown): { query: PostgresQuery; calls: () => number } {
    let calls = 0
    const query: PostgresQuery = (statement) => {
      calls += 1
      return calls <= times ? Promise.reject(error) : connection.query(statement)
    }
    return { query, calls: () => calls }
  }

  test.each([
    ["a serialization failure", Object.assign(new Error("x"), { code: "40001" })],
    ["a deadlock", Object.assign(new Error("x"), { code: "40P01" })],
    ["a deadlock that a query builder wrapped", new Error("x", { cause: { code: "40P01" } })],
  ])("%s: the statement is run again", async (_, error) => {
    const { query, calls } = failing(3, error)
    expect(await postgresStores(query, { schema }).challenges.get("key")).toBeUndefined()
    expect(calls()).toBe(4)
  })

  test("is not retried for ever", async () => {
    const error = Object.assign(new Error("x"), { code: "40001" })
    const { query, calls } = failing(Number.POSITIVE_INFINITY, error)
    await expect(postgresStores(query, { schema }).challenges.get("key")).rejects.toBe(error)
    expect(calls()).toBeLessThan(1_000)
  })

  test.each([new Error("connection lost"), Object.assign(new Error("x"), { code: "23505" }), "text", null])(
    "anything else is not retried: %s",
    async (error) => {
      const { query, calls } = failing(1, error)
      await expect(postgresStores(query, { schema }).challenges.get("key")).rejects.toBe(error)
      expect(calls()).toBe(1)
    },
  )
})

describe.each([
  ["cannot be reached", () => connectPg({ connectionString: "postgres://mortise@127.0.0.1:1/none" })],
  ["hangs", () => ({ query: () => new Promise<never>(() => {}), close: async () => {} })],
])("while the server %s", (_, connect) => {
  const nowhere = connect()
  const stores = postgresStores(nowhere.query, { schema, timeout: 0.1 })
  afterAll(() => nowhere.close())

  const newUserId = async (): Promise<string> => crypto.randomUUID()
  for (const check of userOutageChecks) {
    test(`users: ${check.name}`, () => check.run(() => ({ a: stores.users, b: stores.users })))
  }
  for (const check of credentialOutageChecks) {
    const bench = { a: stores.credentials, b: stores.credentials, newUserId }
    test(`credentials: ${check.name}`, () => check.run(() => bench))
  }
  for (const check of sessionOutageChecks) {
    test(`sessions: ${check.name}`, () => check.run(() => ({ a: stores.sessions, b: stores.sessions })))
  }
  for (const check of atomicOutageChecks) {
    test(`challenges: ${check.name}`, () => check.run(() => ({ a: stores.challenges, b: stores.challenges })))
  }
  for (const check of consentOutageChecks) {
    test(`consents: ${check.name}`, () => check.run(() => ({ a: stores.consents, b: stores.consents })))
  }
  for (const check of auditOutageChecks) {
    test(`audit: ${check.name}`, () => check.run(() => ({ a: stores.audit, b: stores.audit })))
  }
})
