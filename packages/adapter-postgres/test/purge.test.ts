import { newUser, sessionRecord, signInEntry } from "@mortise/core/testing"
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest"
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
    auditAddresses: 0,
  })
  expect(await count("challenges")).toBe(1)
  expect(await stores.rateLimits.get(`limit ${now + 1}`)).toBe("x")
  expect(await stores.sessions.listByUser(user?.id ?? "")).toHaveLength(1)
  expect(await purge(connection.query, options)).toEqual({
    sessions: 0,
    challenges: 0,
    rateLimits: 0,
    auditLog: 0,
    auditAddresses: 0,
  })
})

describe("of the log", () => {
  test("cuts what is older than an instant, if it is given one, and the log verifies from there on", async () => {
    for (const at of [now - 3, now - 2, now - 1, now]) await stores.audit.append(signInEntry("u1", at))
    const [first, , , last] = [...(await stores.audit.list({ limit: 9 }))].reverse()
    const mark = { number: last?.number ?? 0, hash: last?.hash ?? "" }
    expect(await purge(connection.query, { ...options, auditBefore: now - 1 })).toMatchObject({ auditLog: 2 })
    expect((await stores.audit.list({ limit: 9 })).map((entry) => entry.at)).toEqual([now, now - 1])
    expect(await stores.audit.verify()).toEqual({ ok: true, records: 2, last: mark })
    expect(await stores.audit.verify(first)).toEqual({ ok: false, number: 1, fault: "missing" })
    expect(await purge(connection.query, { ...options, auditBefore: now - 1 })).toMatchObject({ auditLog: 0 })

    expect(await purge(connection.query, { ...options, auditBefore: now + 1 })).toMatchObject({ auditLog: 2 })
    expect(await stores.audit.verify()).toEqual({ ok: true, records: 0, last: mark })
    expect(await stores.audit.verify(mark)).toEqual({ ok: true, records: 0, last: mark })
    await stores.audit.append(signInEntry("u1", now))
    expect(await stores.audit.list({ limit: 9 })).toMatchObject([{ number: 5 }])
    expect(await stores.audit.verify(mark)).toMatchObject({ ok: true, records: 1 })
  })

  test("cuts no record in front of which a younger one stands", async () => {
    for (const at of [now - 5, now, now - 5]) await stores.audit.append(signInEntry("u1", at))
    expect(await purge(connection.query, { ...options, auditBefore: now })).toMatchObject({ auditLog: 1 })
    expect(await stores.audit.verify()).toMatchObject({ ok: true, records: 2 })
  })

  test("what was taken out before a cut is found, what is taken out of the new front too", async () => {
    for (let at = now - 9; at < now; at += 1) await stores.audit.append(signInEntry("u1", at))
    await purge(connection.query, { ...options, auditBefore: now - 6 })
    await sql(connection, `delete from ${schema}.audit_log where number = 4`)
    expect(await stores.audit.verify()).toEqual({ ok: false, number: 4, fault: "missing" })
  })

  test("forgets addresses of what is older than an instant, and of nothing else; it still verifies", async () => {
    for (const at of [now - 2, now - 1, now]) await stores.audit.append(signInEntry("u1", at))
    const before = await stores.audit.list({ limit: 9 })
    const old = { ...options, addressesBefore: now - 1 }
    expect(await purge(connection.query, old)).toMatchObject({ auditLog: 0, auditAddresses: 1 })
    const after = await stores.audit.list({ limit: 9 })
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[2]?.event).toEqual({ ...before[2]?.event, address: "", userAgent: "" })
    expect(await stores.audit.verify()).toMatchObject({ ok: true, records: 3 })
    expect(await purge(connection.query, old)).toMatchObject({ auditAddresses: 0 })
    const [row] = await sql(
      connection,
      `select to_jsonb(l)::text as l from ${schema}.audit_log as l where number = 1`,
    )
    expect(String(row?.["l"])).toContain('"place_salt": null')
    expect(String(row?.["l"])).not.toContain("192.0.2.1")
    // Whose record it was is still protected, and can still be taken back.
    await sql(connection, `update ${schema}.audit_log set user_id = 'u2' where number = 1`)
    expect(await stores.audit.verify()).toEqual({ ok: false, number: 1, fault: "changed" })
    await sql(connection, `update ${schema}.audit_log set user_id = 'u1' where number = 1`)
    expect(await stores.audit.pseudonymize("u1", "erased")).toBe(3)
    const at = { at: now, realm: "main", address: "", userAgent: "" }
    await stores.audit.append({ at: now, event: { ...at, type: "user.erased", pseudonym: "erased" } })
    expect(await stores.audit.verify()).toMatchObject({ ok: true, records: 4 })
  })

  test("an address that was blanked without being old enough is unaccounted, or changed", async () => {
    for (const at of [now - 1, now]) await stores.audit.append(signInEntry("u1", at))
    await purge(connection.query, { ...options, addressesBefore: now })
    await sql(connection, `update ${schema}.audit_log set address = 'x' where number = 1`)
    expect(await stores.audit.verify()).toEqual({ ok: false, number: 1, fault: "unaccounted" })
    await sql(connection, `update ${schema}.audit_log set address = '' where number in (1, 2)`)
    expect(await stores.audit.verify()).toEqual({ ok: false, number: 2, fault: "changed" })
    const digest = "sha256(place_salt || convert_to(jsonb_build_array('192.0.2.1', 'kit')::text, 'UTF8'))"
    await sql(
      connection,
      `update ${schema}.audit_log set user_agent = '', place_digest = ${digest}, place_salt = null where number = 2`,
    )
    expect(await stores.audit.verify()).toEqual({ ok: false, number: 2, fault: "unaccounted" })
  })

  test("works in batches, several processes at once, while others append and verify", async () => {
    for (let index = 0; index < 60; index += 1)
      await stores.audit.append(signInEntry("u1", now - 100 + index))
    const cutting = [1, 2, 3].map(() =>
      purge(connection.query, { ...options, batch: 7, auditBefore: now - 50, addressesBefore: now - 45 }),
    )
    const appending = Array.from({ length: 16 }, () => stores.audit.append(signInEntry("u2", now)))
    const verifying = Array.from({ length: 16 }, () => stores.audit.verify())
    const purged = await Promise.all(cutting)
    expect(purged.reduce((sum, each) => sum + each.auditLog, 0)).toBe(50)
    await Promise.all(appending)
    for (const verdict of await Promise.all(verifying)) expect(verdict).toMatchObject({ ok: true })
    expect(await stores.audit.verify()).toMatchObject({ ok: true, records: 26 })
    const blanked = (await stores.audit.list({ userId: "u1", limit: 60 })).filter(
      ({ event }) => event.address === "",
    )
    expect(blanked.map(({ at }) => at - now).sort()).toEqual([-46, -47, -48, -49, -50])
  })
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
