import type { AuditEntry, AuditStore } from "@mortise/core"
import { newUser, sessionRecord, signInEntry } from "@mortise/core/testing"
import { afterAll, afterEach, describe, expect, inject, test } from "vitest"
import { grant, migrate, type PostgresQuery, postgresStores } from "../src/index.js"
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
    { number: 5, name: "realms" },
    { number: 6, name: "audit chain" },
    { number: 7, name: "consents" },
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
  expect(await applied()).toHaveLength(7)
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
  await grant(admin.query, { schema, role })
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
    constraint: "credentials_realm_user_id_fkey",
  })
  expect(await sessions.epoch(nobody)).toBe(0)
})

describe("to realms, with what is there", () => {
  /** As the version before left it. */
  async function migrateTo4(users: "mortise" | "host"): Promise<void> {
    const query: PostgresQuery = async (statement) =>
      statement.name.endsWith("migrate.5") ? { rows: [] } : admin.query(statement)
    await migrate(query, { schema, users })
  }

  const credential = (kind: string): string =>
    `insert into ${schema}.credentials (kind, handle, user_id, secret, revision, created_at, changed_at)
     values ('${kind}', 'u1', 'u1', 'x', 0, now(), now())`

  test("users, credentials and sessions stay, and belong to all realms", async () => {
    await migrateTo4("mortise")
    await sql(
      admin,
      `insert into ${schema}.users (id, email, created_at) values ('u1', 'a@b.example', now())`,
    )
    await sql(admin, credential("password"))
    const { users, credentials, sessions } = postgresStores(admin.query, { schema })
    const record = sessionRecord({ userId: "u1" })
    expect(await sessions.insert(record)).toBe(true)
    await migrate(admin.query, { schema })

    const user = await users.findByEmail("a@b.example")
    expect(user).toMatchObject({ id: "u1" })
    expect(await credentials.find("password", "u1")).toMatchObject({ userId: "u1", secret: "x" })
    expect(await sessions.find(record.id)).toEqual({ record, user })
    expect(await users.create(newUser({ email: "a@b.example" }))).toBeUndefined()
    const store = postgresStores(admin.query, { schema, usersOf: "store" })
    expect(await store.users.findByEmail("a@b.example")).toBeUndefined()
    expect(await store.credentials.find("password", "u1")).toBeUndefined()

    // What a process of the version before still writes meanwhile.
    await sql(admin, credential("totp"))
    expect(await credentials.find("totp", "u1")).toMatchObject({ userId: "u1" })
    expect(await users.delete("u1")).toBe(true)
    for (const table of ["credentials", "sessions"])
      expect(await sql(admin, `select from ${schema}.${table}`), table).toEqual([])
  })

  test("credentials of the host's users stay, and belong to all realms", async () => {
    await migrateTo4("host")
    await sql(admin, credential("password"))
    await migrate(admin.query, { schema, users: "host" })
    const { credentials } = postgresStores(admin.query, { schema, users: "host" })
    expect(await credentials.find("password", "u1")).toMatchObject({ userId: "u1", secret: "x" })
    const store = postgresStores(admin.query, { schema, users: "host", usersOf: "store" })
    expect(await store.credentials.find("password", "u1")).toBeUndefined()
  })

  test("a deadlock with a statement that is under way is tried again", async () => {
    await migrateTo4("mortise")
    await sql(
      admin,
      `insert into ${schema}.users (id, email, created_at) values ('u1', 'a@b.example', now())`,
    )
    const busy = connectPg({ max: 1 })
    const codes: unknown[] = []
    const query: PostgresQuery = (statement) =>
      admin.query(statement).catch((error: { readonly code?: unknown }) => {
        codes.push(error.code)
        throw error
      })
    try {
      await sql(busy, "begin")
      await sql(busy, `select from ${schema}.credentials`)
      const migrated = migrate(query, { schema })
      const waiting = `select from pg_locks where not granted and relation = '${schema}.credentials'::regclass`
      await expect.poll(() => sql(connections[0] ?? admin, waiting), { timeout: 10_000 }).toHaveLength(1)
      // The migration has waited longer, so it is the one that PostgreSQL undoes.
      expect(await sql(busy, `select id from ${schema}.users`)).toEqual([{ id: "u1" }])
      await sql(busy, "commit")
      await migrated
    } finally {
      await busy.close()
    }
    expect(codes).toEqual(["40P01"])
    expect(await applied()).toHaveLength(7)
  })
})

describe("to the chained log, with what is there", () => {
  /** As the version before left it. */
  async function migrateTo5(users: "mortise" | "host"): Promise<void> {
    const query: PostgresQuery = async (statement) =>
      /migrate\.[67]$/.test(statement.name) ? { rows: [] } : admin.query(statement)
    await migrate(query, { schema, users })
  }

  /** As the version before writes it. */
  async function appendAsBefore({ at, event }: AuditEntry): Promise<void> {
    const userId = "userId" in event && event.userId !== undefined ? event.userId : null
    await admin.query({
      name: "",
      text: `insert into ${schema}.audit_log (at, type, realm, user_id, event)
        values (to_timestamp($1::float8 / 1000), $2, $3, $4, $5::text::jsonb)`,
      values: [at, event.type, event.realm, userId, JSON.stringify(event)],
    })
  }

  const requested: AuditEntry = {
    at: 4,
    event: {
      ...{ type: "magic_link.requested", realm: "main", at: 4, address: "2001:db8::1", userAgent: "kit" },
      ...{ emailDigest: "D".repeat(43), locale: "en" },
    },
  }

  test.each(["mortise", "host"] as const)(
    'users: "%s": every entry stays, in the order in which it was written, and is chained',
    async (users) => {
      await migrateTo5(users)
      const entries = [signInEntry("u1", 3), requested, signInEntry("u2", 2), signInEntry("u1", 5)]
      for (const entry of entries) await appendAsBefore(entry)
      // A sequence leaves numbers out, as where a sign-in was undone.
      await sql(admin, `delete from ${schema}.audit_log where id = 3`)
      const [first, second, , third] = entries
      await migrate(admin.query, { schema, users })

      const audit: AuditStore =
        users === "host"
          ? postgresStores(admin.query, { schema, users }).audit
          : postgresStores(admin.query, { schema, users }).audit
      expect(await audit.list({ limit: 10 })).toMatchObject([
        { number: 3, ...third },
        { number: 2, ...second },
        { number: 1, ...first },
      ])
      expect(await audit.list({ userId: "u1", limit: 10 })).toHaveLength(2)
      expect(await audit.verify()).toMatchObject({ ok: true, records: 3 })

      // What a process of the version before still writes meanwhile.
      await appendAsBefore(signInEntry("u3", 6))
      await audit.append(signInEntry("u3", 7))
      expect((await audit.list({ userId: "u3", limit: 10 })).map(({ at }) => at)).toEqual([7, 6])
      expect(await audit.verify()).toMatchObject({ ok: true, records: 5 })
    },
  )

  test("whoever may use the table goes on using it", async () => {
    const role = `${schema}_app`
    await migrateTo5("mortise")
    await sql(admin, `create role ${role} login`)
    await sql(admin, `grant usage on schema ${schema} to ${role}`)
    await sql(admin, `grant select, insert on ${schema}.audit_log to ${role}`)
    await migrate(admin.query, { schema })
    const app = connectPg({ connectionString: inject("postgresUrl").replace(/\/\/[^@]*@/, `//${role}@`) })
    try {
      const { audit } = postgresStores(app.query, { schema })
      await audit.append(signInEntry("u1", 1))
      expect(await audit.list({ limit: 1 })).toMatchObject([{ number: 1 }])
    } finally {
      await app.close()
      await sql(admin, `drop owned by ${role}`)
      await sql(admin, `drop role ${role}`)
    }
  })

  test("appends that are under way meanwhile are all kept", async () => {
    await migrateTo5("mortise")
    const writers = Array.from({ length: 16 }, async (_, index) => {
      for (let count = 0; count < 10; count += 1) await appendAsBefore(signInEntry(`u${index}`, count))
    })
    await migrate(connections[0]?.query ?? admin.query, { schema })
    await Promise.all(writers)
    const { audit } = postgresStores(admin.query, { schema })
    expect(await audit.verify()).toMatchObject({ ok: true, records: 160 })
    expect(await audit.list({ userId: "u7", limit: 20 })).toHaveLength(10)
  })
})
