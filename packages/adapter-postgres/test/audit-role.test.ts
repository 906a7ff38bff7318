import { newUser, race, sessionRecord, signInEntry } from "@mortise/core/testing"
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest"
import { grant, migrate, postgresStores, purge } from "../src/index.js"
import { type Connection, connectPg, dropSchema, freshSchema, sql } from "./databases.js"

const owner = connectPg({ max: 4 })
const schema = freshSchema()
const [role, keeper] = [`${schema}_app`, `${schema}_keeper`]
const ofOwner = postgresStores(owner.query, { schema })
let app: Connection
let other: Connection
let ofApp = ofOwner

function connectAs(name: string): Connection {
  return connectPg({ connectionString: inject("postgresUrl").replace(/\/\/[^@]*@/, `//${name}@`) })
}

beforeAll(async () => {
  await migrate(owner.query, { schema })
  for (const name of [role, keeper]) await sql(owner, `create role ${name} login`)
  ;[app, other] = [connectAs(role), connectAs(keeper)]
  ofApp = postgresStores(app.query, { schema })
})
beforeEach(async () => {
  await grant(owner.query, { schema, role })
})
afterAll(async () => {
  await Promise.all([app.close(), other.close()])
  await dropSchema(owner, schema)
  for (const name of [role, keeper]) {
    await sql(owner, `drop owned by ${name}`)
    await sql(owner, `drop role ${name}`)
  }
  await owner.close()
})

const denied = { code: "42501" }

describe("the role that append and read are granted to", () => {
  test("appends, lists and verifies", async () => {
    const userId = crypto.randomUUID()
    await race(32, [
      () => ofApp.audit.append(signInEntry(userId)),
      () => ofOwner.audit.append(signInEntry(userId)),
    ])
    expect(await ofApp.audit.list({ userId, limit: 50 })).toHaveLength(32)
    expect(await ofApp.audit.verify()).toEqual(await ofOwner.audit.verify())
    expect(await ofApp.audit.verify()).toMatchObject({ ok: true })
  })

  test.each([
    ["change a record", `update ${schema}.audit_log set realm = 'other'`],
    ["remove a record", `delete from ${schema}.audit_log where number = 1`],
    ["empty the log", `truncate ${schema}.audit_log`],
    ["lock the log", `do $$ begin lock table ${schema}.audit_log in exclusive mode; end $$`],
    ["move its ends", `update ${schema}.audit_log_ends set start_number = 0`],
    ["change a hash", `update ${schema}.audit_log_hashes set hash = sha256(hash)`],
    ["remove a hash", `delete from ${schema}.audit_log_hashes`],
    ["add a hash", `insert into ${schema}.audit_log_hashes values (999999, sha256(''))`],
    ["remove its ends", `delete from ${schema}.audit_log_ends`],
    ["make new ends", `insert into ${schema}.audit_log_ends default values`],
    ["turn the trigger off", `alter table ${schema}.audit_log disable trigger audit_log_chain`],
    ["turn all triggers off", "set session_replication_role = replica"],
    ["drop the trigger", `drop trigger audit_log_chain on ${schema}.audit_log`],
    ["pseudonymize", `select ${schema}.audit_log_pseudonymize('u1', 'erased', '[]')`],
    ["cut the log", `select ${schema}.audit_log_cut(now(), 1000)`],
    ["forget addresses", `select ${schema}.audit_log_forget_addresses(now(), 1000)`],
    [
      "call the trigger's function for a table of its own",
      `create temp table t (); create trigger t before insert on t execute function ${schema}.audit_log_chain()`,
    ],
    [
      "make a function in the schema",
      `create function ${schema}.sha256(bytea) returns bytea language sql return $1`,
    ],
  ])("cannot %s", async (_, statement) => {
    await ofOwner.audit.append(signInEntry("u1"))
    const before = await ofOwner.audit.list({ limit: 1_000 })
    await expect(sql(app, statement)).rejects.toMatchObject(denied)
    expect(await ofOwner.audit.list({ limit: 1_000 })).toEqual(before)
  })

  test("chooses neither number nor hash, salt or digest, whatever its insert says", async () => {
    const [last] = await ofOwner.audit.list({ limit: 1 })
    const event = JSON.stringify(signInEntry("u9", 1).event)
    const zeros = "decode(repeat('00', 32), 'hex')"
    await sql(
      app,
      `insert into ${schema}.audit_log (number, at, type, realm, user_id, address, user_agent, event,
         person_salt, person_digest, place_salt, place_digest, hash)
       values (999, to_timestamp(1), 'x', 'y', 'z', 'a', 'b', $1::text::jsonb, '', ${zeros}, '', ${zeros}, ${zeros})`,
      [event],
    )
    const [record] = await ofApp.audit.list({ limit: 1 })
    expect(record).toMatchObject({
      number: (last?.number ?? 0) + 1,
      event: { type: "sign_in.succeeded", realm: "main", userId: "u9", address: "192.0.2.1" },
    })
    const [salts] = await sql(
      owner,
      `select length(person_salt) + length(place_salt) as salts, num_nulls(person_digest, place_digest) as nulls
       from ${schema}.audit_log order by number desc limit 1`,
    )
    expect(salts).toEqual({ salts: 32, nulls: 2 })
    expect(await ofApp.audit.verify()).toMatchObject({ ok: true })
  })

  test("an insert that is undone, or does nothing on conflict, leaves no gap", async () => {
    const event = JSON.stringify(signInEntry("u9", 1).event)
    const insert = `insert into ${schema}.audit_log (at, event) values (now(), '${event}')`
    const single = connectAs(role)
    try {
      await expect(sql(app, `${insert}, (now(), '{}')`)).rejects.toMatchObject({ code: "23502" })
      await sql(app, `${insert}, (now(), '${event}') on conflict do nothing`)
    } finally {
      await single.close()
    }
    expect(await ofApp.audit.verify()).toMatchObject({ ok: true })
  })

  test("does everything else that the stores do", async () => {
    const user = await ofApp.users.create(newUser())
    const userId = user?.id ?? ""
    const record = sessionRecord({ userId })
    expect(await ofApp.sessions.insert(record)).toBe(true)
    expect((await ofApp.sessions.find(record.id))?.record).toEqual(record)
    await ofApp.challenges.set("key", "value", Date.now() + 1_000)
    expect(await ofApp.challenges.take("key")).toBe("value")
    await ofApp.consents.append({ userId, purpose: "p", version: "1", given: true, at: 1 })
    await expect(sql(app, `update ${schema}.consents set given = false`)).rejects.toMatchObject(denied)
    expect(await ofApp.consents.deleteByUser(userId)).toBe(1)
    expect(await ofApp.users.delete(userId)).toBe(true)
    expect(await purge(app.query, { schema })).toMatchObject({ auditLog: 0 })
    await migrate(app.query, { schema })
  })
})

test("pseudonymize and purge are for whom they are granted to, through their functions alone", async () => {
  const userId = crypto.randomUUID()
  await ofOwner.audit.append(signInEntry(userId, 1_000))
  await expect(ofApp.audit.pseudonymize(userId, "erased")).rejects.toMatchObject(denied)
  await expect(purge(app.query, { schema, auditBefore: 2_000 })).rejects.toMatchObject(denied)

  await grant(owner.query, { schema, role, audit: ["append", "read", "pseudonymize"] })
  expect(await ofApp.audit.pseudonymize(userId, `erased ${userId}`)).toBe(1)
  const event = { type: "user.erased", realm: "main", at: 2, address: "", userAgent: "" } as const
  await ofApp.audit.append({ at: 2, event: { ...event, pseudonym: `erased ${userId}` } })
  expect(await ofApp.audit.verify()).toMatchObject({ ok: true })
  await expect(sql(app, `update ${schema}.audit_log set realm = 'x'`)).rejects.toMatchObject(denied)
  await expect(purge(app.query, { schema, addressesBefore: 2_000 })).rejects.toMatchObject(denied)

  await grant(owner.query, { schema, role: keeper, audit: ["purge"] })
  const far = { schema, clock: () => 1, auditBefore: 0, addressesBefore: 4e12 }
  expect((await purge(other.query, far)).auditAddresses).toBeGreaterThan(0)
  const { audit } = postgresStores(other.query, { schema })
  await expect(audit.list({ limit: 1 })).rejects.toMatchObject(denied)
  await expect(audit.append(signInEntry(userId))).rejects.toMatchObject(denied)
  await expect(sql(other, `delete from ${schema}.audit_log`)).rejects.toMatchObject(denied)
  expect(await ofApp.audit.verify()).toMatchObject({ ok: true })
})

test("grant takes back what a role had of the log before", async () => {
  await sql(owner, `grant all on all tables in schema ${schema} to ${role}`)
  await grant(owner.query, { schema, role, audit: ["append"] })
  await expect(sql(app, `delete from ${schema}.audit_log`)).rejects.toMatchObject(denied)
  await expect(ofApp.audit.list({ limit: 1 })).rejects.toMatchObject(denied)
  await ofApp.audit.append(signInEntry("u1"))
})

test.each(["", 'a"b', "a b", "x".repeat(64), "1st", "public; drop schema x"])(
  "grant: a role named %j is refused",
  async (name) => {
    await expect(grant(owner.query, { schema, role: name })).rejects.toThrow(RangeError)
  },
)

test("grant: a right that there is not is refused, as is a role that there is not", async () => {
  // @ts-expect-error no such right
  await expect(grant(owner.query, { schema, role, audit: ["update"] })).rejects.toThrow(RangeError)
  await expect(grant(owner.query, { schema, role: "nobody_has_this_name" })).rejects.toMatchObject({
    code: "42704",
  })
})

test('users: "host": the same', async () => {
  const hosted = { schema: `${schema.slice(0, 20)}_h`, users: "host" } as const
  await migrate(owner.query, hosted)
  try {
    await grant(owner.query, { ...hosted, role })
    const { sessions, audit } = postgresStores(app.query, hosted)
    expect(await sessions.insert(sessionRecord({ userId: "u1" }))).toBe(true)
    await audit.append(signInEntry("u1"))
    expect(await audit.verify()).toMatchObject({ ok: true, records: 1 })
    await expect(sql(app, `delete from ${hosted.schema}.audit_log`)).rejects.toMatchObject(denied)
  } finally {
    await dropSchema(owner, hosted.schema)
  }
})
