import type { SessionStore, Stores, User } from "@mortise/core"
import { sessionRecord } from "@mortise/core/testing"
import fc from "fast-check"
import { expect, expectTypeOf, test } from "vitest"
import { type KeyValueNamespace, kvSessions } from "../../src/index.js"
import { memoryNamespace } from "../locations/memory-namespace.js"

/** What a host may call its users: anything, up to 128 UTF-16 units, half characters included. */
const userIds = fc.oneof(
  fc.string({ unit: "binary", maxLength: 64 }),
  fc.string({ unit: fc.constantFrom("u", ":", "ud", "\ud83d", "\udd10", "ü"), maxLength: 64 }),
)

test("user ids of any text fit KV's keys, and no two of them meet", async () => {
  const sessions = kvSessions(memoryNamespace(), { prefix: "x".repeat(64) })
  const property = fc.asyncProperty(userIds, userIds, async (userId, otherId) => {
    fc.pre(userId !== otherId)
    const record = sessionRecord({ userId, epoch: await sessions.epoch(userId) })
    const other = sessionRecord({ userId: otherId, epoch: await sessions.epoch(otherId) })
    expect([await sessions.insert(record), await sessions.insert(other)]).toEqual([true, true])
    expect(await sessions.deleteByUser(userId, other.id)).toEqual([record.id])
    expect(await sessions.find(other.id)).toBeDefined()
    expect(await sessions.deleteByUser(otherId)).toEqual([other.id])
  })
  await fc.assert(property, { numRuns: 200 })
})

test("an index of several pages, and more sessions than one read may name", async () => {
  const memory = memoryNamespace()
  // Pages of ten, as KV has pages of a thousand.
  const paged: KeyValueNamespace = {
    ...memory,
    async list({ prefix, cursor = "0" }) {
      const { keys } = await memory.list({ prefix })
      const end = Number(cursor) + 10
      const page = keys.slice(Number(cursor), end)
      return end < keys.length
        ? { keys: page, list_complete: false, cursor: String(end) }
        : { keys: page, list_complete: true }
    },
  }
  const sessions = kvSessions(paged)
  const records = Array.from({ length: 105 }, () => sessionRecord({ userId: "ada" }))
  for (const record of records) await sessions.insert(record)
  expect(await sessions.listByUser("ada")).toHaveLength(105)
  expect(await sessions.deleteByUser("ada", records[0]?.id)).toHaveLength(104)
  expect(await sessions.listByUser("ada")).toHaveLength(1)
})

test("two prefixes are two worlds", async () => {
  const namespace = memoryNamespace()
  const [one, other] = ["one:", "other:"].map((prefix) => kvSessions(namespace, { prefix }))
  const record = sessionRecord()
  await one?.insert(record)
  await one?.deleteByUser(record.userId, record.id)
  expect(await one?.find(record.id)).toBeDefined()
  expect(await other?.find(record.id)).toBeUndefined()
  expect(await other?.epoch(record.userId)).toBe(0)
})

test("what could not work is refused at once", () => {
  for (const prefix of ["with space:", "ü:", "line\n", "x".repeat(65)]) {
    expect(() => kvSessions(memoryNamespace(), { prefix }), prefix).toThrow("kvSessions: prefix must be")
  }
  for (const staleness of [0, 30, 59, 60.5, -60, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => kvSessions(memoryNamespace(), { staleness }), String(staleness)).toThrow("staleness must be")
  }
  for (const staleness of [60, 61, 86_400]) kvSessions(memoryNamespace(), { staleness, prefix: "" })
})

test("an id that is none of ours is not stored", async () => {
  const sessions = kvSessions(memoryNamespace())
  for (const id of ["", "short", "x".repeat(23), `${"x".repeat(21)}:`]) {
    await expect(sessions.insert(sessionRecord({ id })), id).rejects.toThrow(TypeError)
  }
})

test("the slot fits a host whose users carry more", () => {
  interface Sponsor extends User {
    readonly isSponsor: boolean
  }
  expectTypeOf<ReturnType<typeof kvSessions>>().toExtend<SessionStore<Sponsor>>()
  expectTypeOf<{ sessions: ReturnType<typeof kvSessions> }>().toExtend<Pick<Stores<Sponsor>, "sessions">>()
})
