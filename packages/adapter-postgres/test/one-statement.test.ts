import { credentialRecord, newUser, sessionRecord, signInEntry } from "@mortise/core/testing"
import { afterAll, beforeAll, expect, test } from "vitest"
import { grant, migrate, type PostgresQuery, postgresStores, purge } from "../src/index.js"
import { connectPg, dropSchema, freshSchema, sql } from "./databases.js"

const connection = connectPg({ max: 1 })
// As long as a schema's name may be.
const schema = freshSchema().padEnd(30, "x")
const hostSchema = freshSchema().padEnd(30, "x")

const seen: { name: string; text: string }[] = []
const query: PostgresQuery = (statement) => {
  seen.push(statement)
  return connection.query(statement)
}
const stores = postgresStores(query, { schema })
const hosted = postgresStores(query, { schema: hostSchema, users: "host" })

beforeAll(async () => {
  await migrate(query, { schema })
  await migrate(query, { schema: hostSchema, users: "host" })
})
afterAll(async () => {
  await dropSchema(connection, schema)
  await dropSchema(connection, hostSchema)
  await connection.close()
})

async function statementsOf(step: () => Promise<unknown>): Promise<readonly string[]> {
  const start = seen.length
  await step()
  return seen.slice(start).map((statement) => statement.name.slice(schema.length + 1))
}

test.each([
  ["of the users that all share", stores],
  ["of a realm's own users", postgresStores(query, { schema, usersOf: "store" })],
])("every method is one statement, but deleteByUser of sessions and verify: %s", async (_, ofUsers) => {
  const { users, credentials, sessions, challenges, audit, consents } = ofUsers
  const user = await users.create(newUser({ createdAt: 1 }))
  await users.create(newUser({ createdAt: 2 }))
  const userId = user?.id ?? ""
  const record = sessionRecord({ userId })
  const credential = credentialRecord({ userId })
  const steps: Record<string, () => Promise<unknown>> = {
    "users.find": () => users.find(userId),
    "users.find_by_email": () => users.findByEmail(user?.email ?? ""),
    "users.list_first": () => users.list({ limit: 1 }),
    "users.list_after": () => users.list({ limit: 1, after: userId }),
    "users.update": () => users.update(userId, { emailVerifiedAt: 1 }),
    "credentials.insert": () => credentials.insert(credential),
    "credentials.find": () => credentials.find("password", userId),
    "credentials.replace": () => credentials.replace({ ...credential, revision: 1 }, 0),
    "credentials.list_by_user": () => credentials.listByUser(userId),
    "credentials.delete": () => credentials.delete("password", userId),
    "credentials.delete_by_user": () => credentials.deleteByUser(userId),
    "epochs.read": () => sessions.epoch(userId),
    "sessions.insert": () => sessions.insert(record),
    "sessions.find": async () => sessions.find(record.id),
    "sessions.replace": () => sessions.replace({ ...record, revision: 1 }, 0),
    "sessions.list_by_user": () => sessions.listByUser(userId),
    "sessions.delete": () => sessions.delete(record.id),
    "challenges.add": () => challenges.add("key", "1", Date.now() + 1000),
    "challenges.increment": () => challenges.increment("key", Date.now() + 1000),
    "challenges.take": () => challenges.take("key"),
    "audit_log.append": () => audit.append(signInEntry(userId)),
    "audit_log.list_": () => audit.list({ limit: 1 }),
    "audit_log.list_utfeb": () => audit.list({ userId, types: [], from: 1, until: 2, before: 3, limit: 1 }),
    "audit_log.pseudonymize": () => audit.pseudonymize(userId, "erased"),
    "consents.append": () => consents.append({ userId, purpose: "p", version: "1", given: true, at: 1 }),
    "consents.list_by_user": () => consents.listByUser(userId),
    "consents.delete_by_user": () => consents.deleteByUser(userId),
    "users.delete": () => users.delete(userId),
  }
  for (const [name, step] of Object.entries(steps)) expect(await statementsOf(step), name).toEqual([name])
  expect(await statementsOf(() => sessions.deleteByUser(userId))).toEqual([
    "epochs.raise",
    "sessions.delete_by_user",
  ])
  expect(await statementsOf(() => audit.verify())).toEqual(["audit_log.ends", "audit_log.verify"])
})

test("find is one statement in the server too: prepared once, then executed once per call", async () => {
  const user = await stores.users.create(newUser())
  for (const [sessions, userId, name] of [
    [stores.sessions, user?.id ?? "", `${schema}.sessions.find`],
    [hosted.sessions, "u1", `${hostSchema}.host.sessions.find`],
  ] as const) {
    const record = sessionRecord({ userId })
    expect(await sessions.insert(record)).toBe(true)
    const executions = async (): Promise<Record<string, number>> => {
      const rows = await sql(
        connection,
        "select name, (generic_plans + custom_plans)::integer as executions from pg_prepared_statements",
      )
      return Object.fromEntries(rows.map((row) => [String(row.name), Number(row.executions)]))
    }
    await sessions.find(record.id)
    const before = await executions()
    for (let count = 0; count < 20; count += 1) await sessions.find(record.id)
    expect(await executions()).toEqual({ ...before, [name]: (before[name] ?? 0) + 20 })
  }
})

test("a name stands for one text and fits into 63 characters, over both kinds of users", async () => {
  await purge(query, { schema, auditBefore: 1, addressesBefore: 1 })
  await grant(query, { schema, role: "pg_monitor" })
  await grant(query, { schema, role: "pg_monitor", audit: [] })
  await purge(query, { schema: hostSchema, users: "host" })
  await hosted.sessions.deleteByUser("u1")
  await hosted.credentials.deleteByUser("u1")
  await hosted.credentials.listByUser("u1")
  const texts = new Map<string, string>()
  for (const { name, text } of seen) {
    expect(name.length, name).toBeLessThanOrEqual(63)
    expect(texts.get(name) ?? text, name).toBe(text)
    texts.set(name, text)
  }
  expect(texts.size).toBeGreaterThan(25)
})
