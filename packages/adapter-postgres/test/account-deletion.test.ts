import { credentialRecord, newUser, race, sessionRecord } from "@mortise/core/testing"
import { afterAll, beforeAll, expect, test } from "vitest"
import { migrate, type PostgresQuery, postgresStores } from "../src/index.js"
import { type Connection, connectPg, dropSchema, freshSchema, sql } from "./databases.js"

const connections = [connectPg(), connectPg()] as const
const schema = freshSchema()
const failures: unknown[] = []
const [a, b] = [storesOn(connections[0]), storesOn(connections[1])]

function storesOn(connection: Connection): ReturnType<typeof postgresStores> {
  const query: PostgresQuery = (statement) =>
    connection.query(statement).catch((error: unknown) => {
      failures.push(error)
      throw error
    })
  return postgresStores(query, { schema })
}

beforeAll(() => migrate(connections[0].query, { schema }))
afterAll(async () => {
  await dropSchema(connections[0], schema)
  await Promise.all(connections.map((connection) => connection.close()))
})

test("a user who is deleted amid sign-ins and revocations leaves nothing, without deadlock", async () => {
  for (let round = 0; round < 8; round += 1) {
    const userId = (await a.users.create(newUser()))?.id ?? ""
    const records = Array.from({ length: 10 }, () => sessionRecord({ userId }))
    for (const record of records) await a.sessions.insert(record)
    for (let count = 0; count < 5; count += 1) {
      await a.credentials.insert(credentialRecord({ kind: "passkey", handle: crypto.randomUUID(), userId }))
    }
    const renew = async (index: number): Promise<void> => {
      const record = records[index % records.length]
      if (record) await b.sessions.replace({ ...record, revision: 1 }, 0)
    }
    await race<unknown>(32, [
      () => a.sessions.insert(sessionRecord({ userId })),
      renew,
      () => b.sessions.deleteByUser(userId),
      () => a.credentials.deleteByUser(userId),
      (index) => (index === 4 + 8 * (round % 3) ? b.users.delete(userId) : renew(index + 3)),
      () => b.sessions.insert(sessionRecord({ userId })),
      () => a.users.update(userId, { emailVerifiedAt: 1 }),
      () => a.sessions.deleteByUser(userId, records[0]?.id),
    ])
    await a.users.delete(userId)
    expect(await b.sessions.insert(sessionRecord({ userId }))).toBe(false)
    for (const table of ["sessions", "credentials"]) {
      const left = await sql(connections[0], `select from ${schema}.${table} where user_id = $1`, [userId])
      expect(left, table).toEqual([])
    }
  }
  expect(failures, "nothing had to be run again").toEqual([])
})

test.each(["sessions", "credentials"] as const)(
  "%s: whoever ends all of a user's waits at the user's row, and until then holds none",
  async (table) => {
    const userId = (await a.users.create(newUser()))?.id ?? ""
    for (let count = 0; count < 3; count += 1) {
      await a.sessions.insert(sessionRecord({ userId }))
      await a.credentials.insert(credentialRecord({ handle: crypto.randomUUID(), userId }))
    }
    const deleter = connectPg({ max: 1 })
    try {
      // As deleting a user does: the user's row first, what hangs on it afterwards.
      const deleteUser = async (): Promise<void> => {
        await sql(deleter, "begin")
        await sql(deleter, `select from ${schema}.users where id = $1 for update`, [userId])
      }
      const query: PostgresQuery = async (statement) => {
        if (statement.name.endsWith("delete_by_user")) await deleteUser()
        return connections[0].query(statement)
      }
      const ended = postgresStores(query, { schema })[table].deleteByUser(userId)
      await waitingStatement(table)
      const rows = `select from ${schema}.${table} where user_id = $1 for update nowait`
      expect(await sql(deleter, rows, [userId])).toHaveLength(3)
      await sql(deleter, `delete from ${schema}.users where id = $1`, [userId])
      await sql(deleter, "commit")
      expect(await ended).toEqual(table === "sessions" ? [] : 0)
    } finally {
      await deleter.close()
    }
  },
)

/** Resolves when a statement on the table waits for a lock. */
async function waitingStatement(table: string): Promise<void> {
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like $1`
  await expect
    .poll(() => sql(connections[1], waiting, [`%"${schema}".${table}%`]), { timeout: 10_000 })
    .toHaveLength(1)
}

test("two users who exchange their addresses at once get an answer", async () => {
  const answers: unknown[] = []
  for (let round = 0; round < 4; round += 1) {
    const one = await a.users.create(newUser())
    const other = await b.users.create(newUser())
    if (!one || !other) throw new Error("not created")
    answers.push(
      ...(await Promise.all([
        a.users.update(one.id, { email: other.email }),
        b.users.update(other.id, { email: one.email }),
      ])),
    )
  }
  expect(new Set(answers)).toEqual(new Set(["taken"]))
})
