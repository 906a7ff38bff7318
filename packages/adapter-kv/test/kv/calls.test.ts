import { adjustableClock, sessionRecord } from "@mortise/core/testing"
import { expect, test } from "vitest"
import { kvSessions } from "../../src/index.js"
import { memoryNamespace } from "../locations/memory-namespace.js"
import { recordedNamespace } from "./recorded-namespace.js"

/* Promise 5: one round trip per authenticated request; and what every other step costs. */

const minute = 60_000
const [read, revocation] = ["get session seen ended", "get epoch"]

function openStore(options: { staleness?: number } = {}) {
  const clock = adjustableClock()
  const { namespace, take } = recordedNamespace(memoryNamespace())
  const sessions = kvSessions(namespace, { clock, ...options })
  async function callsDuring(body: () => unknown): Promise<readonly string[]> {
    take()
    await body()
    return take().map(({ method, kinds }) => `${method} ${kinds}`)
  }
  return { clock, sessions, take, callsDuring }
}

test("find is one read, of three keys, once a session is two minutes and ten seconds old", async () => {
  const { clock, sessions, callsDuring } = openStore()
  const { id } = sessionRecord()
  const record = sessionRecord({ createdAt: clock() })
  await sessions.insert(record)
  clock.advance(2 * minute + 9_999)
  expect(await callsDuring(() => sessions.find(record.id)), "young").toEqual([read, revocation])
  clock.advance(1)
  expect(await callsDuring(() => sessions.find(record.id)), "settles").toEqual([read, revocation, "put seen"])
  const hundred = Array.from({ length: 100 }, () => sessions.find(record.id))
  expect(await callsDuring(() => Promise.all(hundred))).toEqual([])
  for (let times = 0; times < 3; times += 1) {
    expect(await callsDuring(() => sessions.find(record.id))).toEqual([read])
  }
  expect(await callsDuring(() => sessions.find(id)), "unknown").toEqual([read])
  expect(await callsDuring(() => sessions.find("no id at all")), "no id").toEqual([])
  await sessions.delete(record.id)
  expect(await callsDuring(() => sessions.find(record.id)), "ended").toEqual([read])
})

test("a session that is not used while it is young settles with its first renewal, in one write", async () => {
  const { clock, sessions, callsDuring } = openStore()
  const record = sessionRecord({ createdAt: clock() })
  await sessions.insert(record)
  clock.advance(180 * minute)
  expect(await callsDuring(() => sessions.find(record.id))).toEqual([read, revocation])
  const next = { ...record, revision: 1, lastSeenAt: clock(), expiresAt: clock() + 1_440 * minute }
  expect(await callsDuring(() => sessions.replace(next, 0))).toEqual([`${read} epoch`, "put seen"])
  expect(await callsDuring(() => sessions.find(record.id))).toEqual([read])
})

test("the other steps of a session", async () => {
  const { clock, sessions, callsDuring } = openStore()
  const record = sessionRecord({ createdAt: clock() })
  const { userId, id } = record
  expect(await callsDuring(() => sessions.epoch(userId))).toEqual([revocation])
  // Not a word about the session's own keys: KV would remember that there was nothing.
  expect(await callsDuring(() => sessions.insert(record))).toEqual([revocation, "put user", "put session"])
  const renewed = { ...record, revision: 1, lastSeenAt: clock() + 1 }
  expect(await callsDuring(() => sessions.replace(renewed, 0))).toEqual([`${read} epoch`, "put seen"])
  const rotated = { ...renewed, revision: 2, secretHash: sessionRecord().secretHash }
  expect(await callsDuring(() => sessions.replace(rotated, 1))).toEqual([`${read} epoch`, "put session"])
  expect(await callsDuring(() => sessions.listByUser(userId))).toEqual([revocation, "list user", read])
  const cleared = ["delete session", "delete seen", "delete user"]
  expect(await callsDuring(() => sessions.delete(id))).toEqual([read, "put ended", ...cleared])
  const other = sessionRecord({ userId })
  await sessions.insert(other)
  expect(await callsDuring(() => sessions.deleteByUser(userId))).toEqual([
    ...[revocation, revocation, "put revoked", "put epoch", "list user", read],
    ...["put ended", ...cleared],
  ])
})

test("no value is empty: one that passes for none would bring back what has ended", async () => {
  const memory = memoryNamespace()
  const sessions = kvSessions({
    ...memory,
    async put(key, value, options) {
      expect(value, key).not.toBe("")
      return memory.put(key, value, options)
    },
  })
  const record = sessionRecord()
  await sessions.insert(record)
  await sessions.replace({ ...record, revision: 1, lastSeenAt: record.lastSeenAt + 1 }, 0)
  await sessions.delete(record.id)
  await sessions.deleteByUser(record.userId)
  expect((await memory.list({ prefix: "" })).keys.map(({ name }) => name.split(":")[1])).toEqual([
    "ended",
    "epoch",
    "revoked",
  ])
})

test("a read may be as old as the staleness says; nothing is kept for less than KV takes", async () => {
  const { clock, sessions, take } = openStore({ staleness: 300 })
  expect(sessions.staleness).toBe(300)
  const record = sessionRecord({
    createdAt: clock(),
    expiresAt: clock() + 5_000,
    absoluteExpiresAt: clock() + 10_000,
  })
  await sessions.insert(record)
  await sessions.find(record.id)
  await sessions.replace({ ...record, revision: 1, lastSeenAt: clock() + 1 }, 0)
  await sessions.delete(record.id)
  await sessions.deleteByUser(record.userId)
  const calls = take()
  for (const { options } of calls.filter(({ method }) => method === "get")) {
    expect(options).toEqual({ cacheTtl: 300 })
  }
  const puts = calls.filter(({ method }) => method === "put")
  expect(puts.map(({ kinds }) => kinds)).toEqual(["user", "session", "seen", "ended", "revoked", "epoch"])
  const [hour, days] = [3_600, 400 * 86_400]
  for (const { kinds, options } of puts) {
    const lasts = kinds === "revoked" || kinds === "epoch" ? days : 10
    // An hour longer than readers look at it, since KV goes by its own clock.
    expect(options, kinds).toEqual({ expirationTtl: lasts + hour })
  }
  clock.advance(4_999)
  await sessions.insert({ ...record, id: sessionRecord().id, epoch: await sessions.epoch(record.userId) })
})

test("a life of a second is not lengthened by the 60 seconds that KV keeps it", async () => {
  const { clock, sessions } = openStore()
  const record = sessionRecord({ createdAt: clock(), expiresAt: clock() + 1_000 })
  await sessions.insert(record)
  clock.advance(999)
  expect(await sessions.find(record.id)).toBeDefined()
  clock.advance(1)
  expect(await sessions.find(record.id)).toBeUndefined()
  expect(await sessions.listByUser(record.userId)).toEqual([])
  expect(await sessions.replace({ ...record, revision: 1, expiresAt: clock() + minute }, 0)).toBe(false)
})
