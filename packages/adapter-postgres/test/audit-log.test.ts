import type { AuditQuery } from "@mortise/core"
import { race, signInEntry } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { migrate, type PostgresQuery, postgresStores } from "../src/index.js"
import { tamperingIn } from "./audit-tampering.js"
import { connectPg, connectPglite, connectPostgresJs, dropSchema, freshSchema, sql } from "./databases.js"

const connection = connectPg()
const schema = freshSchema()
const { audit } = postgresStores(connection.query, { schema })
const many = 12_000

beforeAll(async () => {
  await migrate(connection.query, { schema })
  // Of 400 users, 30 records each, one a minute.
  await sql(
    connection,
    `insert into ${schema}.audit_log (at, event)
     select to_timestamp(n * 60), jsonb_build_object(
       'type', (array['sign_in.succeeded', 'session.opened', 'password.changed'])[1 + n % 3], 'realm', 'main',
       'address', '192.0.2.1', 'userAgent', 'kit', 'userId', 'user-' || n % 400, 'sessionId', 's', 'flow', 'password')
     from generate_series(1, ${many}) as n`,
  )
  await sql(connection, `analyze ${schema}.audit_log`)
}, 60_000)
afterAll(async () => {
  await dropSchema(connection, schema)
  await connection.close()
})

describe("a query finds what it looks for by an index", () => {
  const hour = 3_600_000
  const queries: readonly [string, string, Partial<AuditQuery>][] = [
    ["user", "audit_log_by_user", { userId: "user-7" }],
    ["user and page", "audit_log_by_user", { userId: "user-7", before: 9_000 }],
    ["user and types", "audit_log_by_user", { userId: "user-7", types: ["password.changed"] }],
    ["user and time", "audit_log_by_", { userId: "user-7", from: hour * 100, until: hour * 101 }],
    ["time", "audit_log_by_time", { from: hour * 20, until: hour * 21 }],
    ["a type that there is not", "audit_log_by_type", { types: ["user.erased"] }],
    ["two such types", "audit_log_by_type", { types: ["user.erased", "limit.hit"] }],
    ["nothing", "audit_log_pkey", {}],
    ["page", "audit_log_pkey", { before: 9_000 }],
  ]
  test.each(queries)("by %s: %s", async (_, index, query) => {
    let plan = ""
    const explaining: PostgresQuery = async ({ text, values }) => {
      const explained = await connection.query({ name: "", text: `explain (analyze) ${text}`, values })
      plan = explained.rows.map((row) => row["QUERY PLAN"]).join("\n")
      return { rows: [] }
    }
    await postgresStores(explaining, { schema }).audit.list({ limit: 20, ...query })
    expect(plan).toContain(index)
    expect(plan).not.toContain("Seq Scan on audit_log")
  })

  test("pseudonymize, to the records of a user and of a digest", async () => {
    const rows = await sql(
      connection,
      `explain select from ${schema}.audit_log as l
       where (l.user_id = 'user-7' or l.user_id is null and l.email_digest = any(array['d', 'e']))
         and l.person_salt is not null`,
    )
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n")
    expect(plan).toContain("audit_log_by_user")
    expect(plan).toContain("audit_log_by_email_digest")
  })

  test("types with quotes and backslashes are no other types", async () => {
    const types = ['sign_in.succeeded"', "\\sign_in.succeeded", '{"password.changed"}', "a\0", "NULL", ""]
    for (const type of types) {
      expect(await audit.list({ types: [Object(type)], limit: 1 }), type).toEqual([])
    }
  })
})

test("verify goes through several pages, and finds what is broken on each, and between them", async () => {
  const verdict = await audit.verify()
  expect(verdict).toMatchObject({ ok: true, records: many, last: { number: many } })
  const tamper = tamperingIn(connection, schema)
  for (const number of [1, 4_999, 5_000, 5_001, 10_000, 10_001, many]) {
    for (const [fault, step] of [
      ["changed", () => tamper.change(number, "details")],
      ["missing", () => tamper.remove(number)],
      ["unaccounted", () => tamper.pretendErasure(number, "nobody")],
    ] as const) {
      const undo = await step()
      expect(await audit.verify(), `${number} ${fault}`).toEqual({ ok: false, number, fault })
      await undo()
    }
  }
  expect(await audit.verify()).toEqual(verdict)
}, 60_000)

test("what was put behind the log's end, around the trigger, is found", async () => {
  const log = `${schema}.audit_log`
  const columns = `at, type, realm, user_id, event, email_digest, address, user_agent, person_salt, person_digest,
    place_salt, place_digest, hash`
  const [last] = await audit.list({ limit: 1 })
  const behind = (last?.number ?? 0) + 1
  const steps = [
    `alter table ${log} disable trigger audit_log_chain`,
    `insert into ${log} (number, ${columns}) select ${behind}, ${columns} from ${log} where number = 1`,
    `alter table ${log} enable trigger audit_log_chain`,
  ]
  await sql(connection, `do $$ begin ${steps.join("; ")}; end $$`)
  expect(await audit.verify()).toEqual({ ok: false, number: behind, fault: "changed" })
  await sql(connection, `delete from ${log} where number = ${behind}`)
  expect(await audit.verify()).toMatchObject({ ok: true })
})

test("appending takes as long whatever old snapshot somebody holds", async () => {
  const reader = connectPg({ max: 1 })
  const size = async (): Promise<unknown> => {
    const [row] = await sql(
      connection,
      `select pg_relation_size('${schema}.audit_log_ends')::integer as bytes`,
    )
    return row?.["bytes"]
  }
  try {
    await sql(reader, "begin isolation level repeatable read")
    await sql(reader, `select count(*)::integer from ${schema}.audit_log`)
    const before = await size()
    for (let count = 0; count < 300; count += 1) await audit.append(signInEntry("u1"))
    expect(await size(), "no version of the row that every append holds").toBe(before)
  } finally {
    await reader.close()
  }
})

test("a log whose ends were taken away verifies no more, and takes no record", async () => {
  await sql(connection, `create table ${schema}.kept as select * from ${schema}.audit_log_ends`)
  await sql(connection, `delete from ${schema}.audit_log_ends`)
  await expect(audit.append(signInEntry("u1"))).rejects.toMatchObject({ code: "P0002" })
  expect(await audit.verify()).toEqual({ ok: false, number: 1, fault: "missing" })
  await sql(connection, `insert into ${schema}.audit_log_ends select * from ${schema}.kept`)
  expect(await audit.verify()).toMatchObject({ ok: true })
})

test.each([
  ["repeatable read", () => connectPg({ options: "-c default_transaction_isolation=repeatable\\ read" })],
  ["serializable", () => connectPg({ options: "-c default_transaction_isolation=serializable" })],
  ["postgres.js", connectPostgresJs],
])(
  "16 appenders on two instances leave no gap: %s",
  async (_, connect) => {
    const [one, other] = [connect(), connect()]
    try {
      const [a, b] = [one, other].map(({ query }) => postgresStores(query, { schema, timeout: 30 }).audit)
      const userId = crypto.randomUUID()
      await race(
        16,
        [() => a?.append(signInEntry(userId)), () => b?.append(signInEntry(userId))].map(settled),
      )
      const numbers = (await audit.list({ userId, limit: 20 })).map(({ number }) => number)
      expect(numbers).toEqual(numbers.map((__, index) => (numbers[0] ?? 0) - index))
      expect(numbers).toHaveLength(16)
      expect(await b?.verify()).toMatchObject({ ok: true })
    } finally {
      await Promise.all([one.close(), other.close()])
    }
  },
  30_000,
)

function settled(append: () => Promise<void> | undefined): () => Promise<void> {
  return async () => append()
}

describe("addresses", () => {
  const texts = [
    ["192.0.2.77", "192.0.2.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:db8:1::7", "2001:db8:1::/48"],
    ["2001:db8::1", "2001:db8::/48"],
    ["2001::1:2:3:4:5:6", "2001:0:1::/48"],
    ["fe80::", "fe80::/48"],
    ["::1", "::/48"],
    ["::", "::/48"],
    ["", ""],
    ["unix socket", ""],
    ["1.2.3", ""],
    ["x:y:z::1", ""],
    ["1:2", ""],
  ] as const
  const pglite = connectPglite()
  afterAll(() => pglite.close())

  test.each(texts)("%j is kept whole, as its network %j, or not at all", async (address, network) => {
    await migrate(pglite.query)
    for (const [addresses, kept] of [
      [undefined, address],
      ["full", address],
      ["network", network],
      ["none", ""],
    ] as const) {
      const store = postgresStores(pglite.query, addresses ? { audit: { addresses } } : {}).audit
      const { at, event } = signInEntry("u1")
      await store.append({ at, event: { ...event, address } })
      const [record] = await store.list({ limit: 1 })
      expect(record?.event).toEqual({ ...event, address: kept })
    }
  })

  test("kept in a way that there is not: refused", () => {
    // @ts-expect-error no such setting
    expect(() => postgresStores(pglite.query, { audit: { addresses: "hash" } })).toThrow(RangeError)
  })
})

test("what lies in the table says nothing of a user who was pseudonymized", async () => {
  const [userId, emailDigest] = [crypto.randomUUID(), "E".repeat(43)]
  const { at, event } = signInEntry(userId)
  const agent = { address: "203.0.113.199", userAgent: `agent ${userId}` }
  await audit.append({ at, event: { ...event, ...agent } })
  const requested = { type: "magic_link.requested", realm: "main", at, ...agent, emailDigest } as const
  await audit.append({ at, event: { ...requested, locale: "en" } })
  expect(await audit.pseudonymize(userId, "erased", [emailDigest])).toBe(2)
  const rows = await sql(connection, `select to_jsonb(l)::text as l from ${schema}.audit_log as l`)
  const dump = JSON.stringify(rows)
  for (const canary of [userId, emailDigest, agent.address]) expect(dump).not.toContain(canary)
})
