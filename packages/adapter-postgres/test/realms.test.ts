import { createAuth, opaque } from "@mortise/core"
import { password } from "@mortise/core/password"
import { credentialRecord, newUser, race, sessionRecord, testHasher } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type HostedStores, migrate, type PostgresQuery, postgresStores } from "../src/index.js"
import { connectPg, dropSchema, freshSchema, sql } from "./databases.js"

const connection = connectPg()
const { query } = connection
const schema = freshSchema()
const hostSchema = freshSchema()
const shared = postgresStores(query, { schema })
const store = postgresStores(query, { schema, usersOf: "store" })
const admin = postgresStores(query, { schema, usersOf: "admin" })

beforeAll(async () => {
  await migrate(query, { schema })
  await migrate(query, { schema: hostSchema, users: "host" })
})
afterAll(async () => {
  await dropSchema(connection, schema)
  await dropSchema(connection, hostSchema)
  await connection.close()
})

type Realm = typeof store

/** A user of the realm with a password, a Google identity and a session. */
async function member(
  realm: Realm,
  email: string,
  subject: string,
): Promise<{ id: string; session: string }> {
  const id = (await realm.users.create(newUser({ email })))?.id ?? ""
  await realm.credentials.insert(credentialRecord({ userId: id }))
  await realm.credentials.insert(credentialRecord({ kind: "identity", handle: subject, userId: id }))
  const record = sessionRecord({ userId: id })
  expect(await realm.sessions.insert(record)).toBe(true)
  return { id, session: record.id }
}

async function namesakes(): Promise<readonly { realm: Realm; id: string; session: string }[]> {
  const { email } = newUser()
  const subject = `https://accounts.google.com|${crypto.randomUUID()}`
  const all: { realm: Realm; id: string; session: string }[] = []
  for (const realm of [shared, store, admin]) all.push({ realm, ...(await member(realm, email, subject)) })
  return all
}

test("one address and one Google account have a user in each realm; each lookup answers its own", async () => {
  const all = await namesakes()
  expect(new Set(all.map(({ id }) => id)).size).toBe(3)
  for (const { realm, id } of all) {
    const user = await realm.users.find(id)
    expect(await realm.users.findByEmail(user?.email ?? "")).toEqual(user)
    const [identity] = (await realm.credentials.listByUser(id)).filter(({ kind }) => kind === "identity")
    expect(await realm.credentials.find("identity", identity?.handle ?? "")).toMatchObject({ userId: id })
  }
})

test("a session brings its user, whose ever that is, through the stores of any realm", async () => {
  for (const { realm, id, session } of await namesakes()) {
    const user = await realm.users.find(id)
    for (const any of [shared, store, admin]) expect((await any.sessions.find(session))?.user).toEqual(user)
  }
})

test("revoking one user's sessions leaves the namesakes', and their epochs", async () => {
  const [one, two, three] = await namesakes()
  expect(await store.sessions.deleteByUser(two?.id ?? "")).toEqual([two?.session])
  expect(await admin.sessions.epoch(two?.id ?? "")).toBe(1)
  for (const other of [one, three]) {
    expect(await store.sessions.find(other?.session ?? "")).toBeDefined()
    expect(await store.sessions.epoch(other?.id ?? "")).toBe(0)
  }
  expect(await store.sessions.insert(sessionRecord({ userId: two?.id ?? "" })), "the older epoch").toBe(false)
})

test("disabling one user ends that one's sessions and no namesake's", async () => {
  const [one, two, three] = await namesakes()
  await store.users.update(two?.id ?? "", { disabledAt: 1 })
  const found = [one, two, three].map(async (each) => shared.sessions.find(each?.session ?? ""))
  expect((await Promise.all(found)).map((session) => session !== undefined)).toEqual([true, false, true])
})

test("deleting one user takes that one's credentials and sessions along, and no namesake's", async () => {
  const all = await namesakes()
  const [, gone] = all
  expect(await store.users.delete(gone?.id ?? "")).toBe(true)
  for (const { id } of all) {
    for (const table of ["credentials", "sessions"]) {
      const rows = await sql(connection, `select from ${schema}.${table} where user_id = $1`, [id])
      expect(rows, table).toHaveLength(id === gone?.id ? 0 : table === "credentials" ? 2 : 1)
    }
  }
})

test("the database keeps a credential of one realm from a user of another", async () => {
  const userId = (await store.users.create(newUser()))?.id ?? ""
  for (const realm of [shared, admin]) {
    await expect(realm.credentials.insert(credentialRecord({ userId }))).rejects.toMatchObject({
      constraint: "credentials_realm_user_id_fkey",
    })
  }
  expect(await store.credentials.insert(credentialRecord({ userId }))).toBe(true)
})

test("a cursor of another realm is one of nobody", async () => {
  const theirs = (await admin.users.create(newUser()))?.id ?? ""
  await store.users.create(newUser())
  await expect(store.users.list({ limit: 10, after: theirs })).rejects.toThrow(RangeError)
})

test("16 parallel registrations in each realm, on two servers, make one user in each", async () => {
  const second = connectPg()
  try {
    const register = (usersOf: string, on: PostgresQuery): ((password: string) => Promise<unknown>) => {
      const auth = createAuth({
        realm: usersOf,
        origin: "https://app.example.com",
        secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
        stores: postgresStores(on, { schema, usersOf }),
        sessions: opaque(),
        flows: { password: password({ hasher: testHasher() }) },
      })
      return (secret) => auth.flows.password.register({ email, password: secret })
    }
    const { email } = newUser()
    const [toStore, toAdmin] = ["correct horse battery staple", "nine brown rabbits running"] as const
    const [a, b, c, d] = [
      register("store", query),
      register("admin", query),
      register("store", second.query),
      register("admin", second.query),
    ]
    await race(32, [() => a(toStore), () => b(toAdmin), () => c(toStore), () => d(toAdmin)])
    const rows = `select u.realm, c.secret from ${schema}.users as u join ${schema}.credentials as c on c.user_id = u.id
      where u.email = $1 order by 1`
    expect(await sql(connection, rows, [email])).toEqual([
      { realm: "admin", secret: expect.stringContaining("rabbits") },
      { realm: "store", secret: expect.stringContaining("horse") },
    ])
  } finally {
    await second.close()
  }
})

// As the README has it.
const moving = `update ${schema}.users set realm = 'store', session_epoch = session_epoch + 1 where id = $1`
const endingSessions = `
  delete from ${schema}.sessions as s using ${schema}.users as u
    where u.id = s.user_id and u.realm = 'store' and s.epoch < u.session_epoch`

test("users who are moved into a realm keep their credentials and sign in anew", async () => {
  const { email } = newUser()
  const { id, session } = await member(shared, email, `subject ${email}`)
  const bystander = await member(store, newUser().email, "of the bystander")
  await sql(connection, moving, [id])
  await sql(connection, endingSessions)
  expect(await store.sessions.find(bystander.session)).toBeDefined()
  expect(await shared.users.findByEmail(email)).toBeUndefined()
  expect(await shared.credentials.listByUser(id)).toEqual([])
  expect(await store.users.findByEmail(email)).toMatchObject({ id })
  expect(await store.credentials.listByUser(id)).toHaveLength(2)
  expect(await store.sessions.find(session)).toBeUndefined()
  expect(await store.sessions.insert(sessionRecord({ userId: id })), "a sign-in under way").toBe(false)
})

test("users who cannot be moved, since the realm has their address or identity, stay as they are", async () => {
  const [one] = await namesakes()
  await expect(sql(connection, moving, [one?.id ?? ""])).rejects.toMatchObject({ code: "23505" })
  expect(await shared.sessions.find(one?.session ?? "")).toBeDefined()
  expect(await shared.credentials.listByUser(one?.id ?? "")).toHaveLength(2)
})

describe('users: "host"', () => {
  const ofRealm = (usersOf: string): HostedStores =>
    postgresStores(query, { schema: hostSchema, users: "host", usersOf })
  const [members, staff] = [ofRealm("store"), ofRealm("admin")]

  test("two tables of users that both have an id 1 have a password each", async () => {
    const mine = credentialRecord({ userId: "1", secret: "of the member" })
    const theirs = { ...mine, secret: "of the staff" }
    expect(await members.credentials.insert(mine)).toBe(true)
    expect(await staff.credentials.insert(theirs)).toBe(true)
    expect(await members.credentials.find("password", "1")).toEqual(mine)
    expect(await staff.credentials.deleteByUser("1")).toBe(1)
    expect(await members.credentials.listByUser("1")).toEqual([mine])
  })

  test("but not sessions of their own: revoking one's ends the other's, as the README warns", async () => {
    const record = sessionRecord({ userId: "1" })
    await members.sessions.insert(record)
    expect(await staff.sessions.deleteByUser("1")).toEqual([record.id])
    expect(await members.sessions.epoch("1")).toBe(1)
  })
})
