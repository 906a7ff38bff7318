import { credentialRecord, newUser, sessionRecord } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { migrate, postgresStores } from "../src/index.js"
import { connectPg, dropSchema, freshSchema, sql } from "./databases.js"

const connection = connectPg()
const schema = freshSchema()
const { users, credentials, sessions, challenges, audit, consents } = postgresStores(connection.query, {
  schema,
})

beforeAll(() => migrate(connection.query, { schema }))
afterAll(async () => {
  await dropSchema(connection, schema)
  await connection.close()
})

async function userId(): Promise<string> {
  return (await users.create(newUser()))?.id ?? ""
}

describe.each([
  ["U+0000", "a\0b"],
  ["an unpaired high surrogate", "a\ud83d"],
  ["an unpaired low surrogate", "\udd12b"],
])("text with %s", (_, text) => {
  test("is nobody's id, address or handle", async () => {
    expect(await users.find(text)).toBeUndefined()
    expect(await users.findByEmail(text)).toBeUndefined()
    expect(await users.update(text, { emailVerifiedAt: 1 })).toBe("absent")
    expect(await users.delete(text)).toBe(false)
    expect(await sessions.find(text)).toBeUndefined()
    expect(await sessions.delete(text)).toBe(false)
    expect(await sessions.epoch(text)).toBe(0)
    expect(await sessions.replace(sessionRecord({ id: text, revision: 1 }), 0)).toBe(false)
    expect(await sessions.listByUser(text)).toEqual([])
    expect(await sessions.deleteByUser(text)).toEqual([])
    expect(await credentials.find("identity", text)).toBeUndefined()
    expect(await credentials.delete("identity", text)).toBe(false)
    expect(await credentials.replace(credentialRecord({ handle: text, revision: 1 }), 0)).toBe(false)
    expect(await credentials.listByUser(text)).toEqual([])
    expect(await credentials.deleteByUser(text)).toBe(0)
    expect(await consents.listByUser(text)).toEqual([])
    expect(await consents.deleteByUser(text)).toBe(0)
  })

  test("is refused as an identifier: another one must not be taken for it", async () => {
    const id = await userId()
    await credentials.insert(credentialRecord({ kind: "identity", handle: "a\ufffd", userId: id }))
    await expect(users.create(newUser({ email: text }))).rejects.toThrow("email holds U+0000 or")
    await expect(users.update(id, { email: text })).rejects.toThrow("email holds U+0000 or")
    await expect(credentials.insert(credentialRecord({ handle: text, userId: id }))).rejects.toThrow(
      "handle holds",
    )
    await expect(sessions.insert(sessionRecord({ id: text, userId: id }))).rejects.toThrow("id holds")
    const consent = { userId: id, purpose: text, version: "1", given: true, at: 1 }
    await expect(consents.append(consent)).rejects.toThrow("purpose holds")
    await expect(audit.pseudonymize(id, text)).rejects.toThrow("pseudonym holds")
  })

  test("becomes U+FFFD where it is only shown", async () => {
    const id = await userId()
    const shown = text.replace(/\0|\p{Surrogate}/u, "\ufffd")
    const claims = { name: text, [text]: ["\\u0000", "\\\\ud83d", "🔒"] }
    const record = sessionRecord({ userId: id, userAgent: text, address: text, claims })
    expect(await sessions.insert(record)).toBe(true)
    expect((await sessions.find(record.id))?.record).toMatchObject({
      userAgent: shown,
      address: shown,
      claims: { name: shown, [shown]: ["\\u0000", "\\\\ud83d", "🔒"] },
    })
    const origin = { realm: text, at: 1, address: "", userAgent: text }
    await audit.append({ at: 1, event: { ...origin, type: "user.registered", userId: text } })
    expect(await audit.list({ userId: text, limit: 1 })).toMatchObject([
      { event: { realm: shown, userAgent: shown, userId: shown } },
    ])
    expect(await audit.verify()).toMatchObject({ ok: true })
  })
})

describe("text that is too long", () => {
  test("finds nothing", async () => {
    const long = "x".repeat(100_000)
    expect(await users.find(long)).toBeUndefined()
    expect(await users.findByEmail(long)).toBeUndefined()
    expect(await sessions.find(long)).toBeUndefined()
    expect(await credentials.find("identity", long)).toBeUndefined()
    expect(await challenges.get(long)).toBeUndefined()
    expect(await challenges.take(long)).toBeUndefined()
  })

  test("is refused by a named constraint where it would be stored", async () => {
    const id = await userId()
    const long = "x".repeat(3_000)
    await expect(users.create(newUser({ email: long }))).rejects.toMatchObject({
      constraint: "users_email_check",
    })
    await expect(credentials.insert(credentialRecord({ handle: long, userId: id }))).rejects.toMatchObject({
      constraint: "credentials_handle_check",
    })
    await expect(challenges.add(long, "x", Date.now() + 1000)).rejects.toMatchObject({
      constraint: "challenges_key_check",
    })
  })
})

test("increment of a value that is no number rejects and leaves it", async () => {
  const until = Date.now() + 60_000
  await challenges.set("text", "seven", until)
  await expect(challenges.increment("text", until)).rejects.toThrow("seven")
  expect(await challenges.get("text")).toBe("seven")
})

test("a page of users that begins behind somebody who is gone is an error, not the end", async () => {
  const id = await userId()
  const everybody = await users.list({ limit: 1_000 })
  expect(await users.list({ limit: 10, after: everybody.at(-1)?.id ?? "" })).toEqual([])
  await userId()
  await users.delete(id)
  await expect(users.list({ limit: 10, after: id })).rejects.toThrow(RangeError)
})

test("instants are exact for every date that JavaScript has, whatever the server's time zone", async () => {
  const elsewhere = connectPg({ options: "-c timezone=Australia/Lord_Howe -c datestyle=German" })
  try {
    const far = postgresStores(elsewhere.query, { schema })
    for (const createdAt of [
      0, 1, 999, -1, 1_700_000_000_001, 4_102_444_800_123, 253_402_300_799_999, 8.64e15,
    ]) {
      const user = await far.users.create(newUser({ createdAt, emailVerifiedAt: createdAt }))
      expect(user).toMatchObject({ createdAt, emailVerifiedAt: createdAt })
      expect(await users.find(user?.id ?? "")).toEqual(user)
    }
    const [row] = await sql(
      connection,
      `select count(*)::integer as count from ${schema}.users
       where created_at = to_timestamp(1700000000.001)`,
    )
    expect(row).toEqual({ count: 1 })
  } finally {
    await elsewhere.close()
  }
})
