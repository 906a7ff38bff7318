import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { memoryAtomicStore, memorySessionStore } from "../../src/memory.js"
import { sweeper } from "../../src/stores/memory/sweep.js"
import { adjustableClock, sessionRecord } from "../../src/testing.js"

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

function heapUsed(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test("the sweep keeps a map within three times its live entries, however long it is written to", () => {
  const expiries = new Map<string, number>()
  let now = 0
  const sweepSome = sweeper(
    expiries,
    (expiresAt) => now >= expiresAt,
    (key) => expiries.delete(key),
  )
  let largest = 0
  for (now = 0; now < 50_000; now += 1) {
    sweepSome()
    expiries.set(`key ${now}`, now + 1_000)
    largest = Math.max(largest, expiries.size)
  }
  expect(largest).toBeLessThanOrEqual(3_000)
})

test("expired sessions and values leave the heap while others are written", async () => {
  const clock = adjustableClock()
  const sessions = memorySessionStore({ clock })
  const values = memoryAtomicStore({ clock })
  const before = heapUsed()
  for (let count = 0; count < 60_000; count += 1) {
    clock.advance(1)
    await sessions.insert(sessionRecord({ createdAt: clock(), expiresAt: clock() + 500 }))
    await values.set(`key ${count}`, "value", clock() + 500)
  }
  // Kept, they would be 25 MB; live are 500 of each.
  expect(heapUsed() - before).toBeLessThan(3_000_000)
  expect(await sessions.find("nobody")).toBeUndefined()
  expect(await values.get("nothing")).toBeUndefined()
})

test("a session costs at most 320 bytes at 100,000 sessions, each of its own user, with the index by user", async () => {
  const count = 100_000
  const store = memorySessionStore()
  const before = heapUsed()
  for (let number = 0; number < count; number += 1) await store.insert(sessionRecord())
  const bytes = (heapUsed() - before) / count
  expect(await store.find("nobody")).toBeUndefined()
  expect(bytes).toBeGreaterThan(200)
  expect(bytes).toBeLessThanOrEqual(320)
})

test("users whose ids fall together in the index share nothing", async () => {
  const [one, other] = idsOfOneHash()
  const store = memorySessionStore()
  const kept = sessionRecord({ userId: one })
  const ended = [sessionRecord({ userId: other }), sessionRecord({ userId: other })]
  for (const record of [kept, ...ended]) await store.insert(record)
  expect(await store.listByUser(one)).toEqual([kept])
  expect([...(await store.deleteByUser(other))].sort()).toEqual(ended.map(({ id }) => id).sort())
  expect(await store.listByUser(one)).toEqual([kept])
  expect(await store.listByUser(other)).toEqual([])
})

/** Two of which FNV-1a has the same upper 31 bits. */
function idsOfOneHash(): [string, string] {
  const idByHash = new Map<number, string>()
  for (let number = 0; ; number += 1) {
    const id = `user-${number}`
    let hash = 0x811c9dc5
    for (const byte of Buffer.from(id)) hash = Math.imul(hash ^ byte, 0x01000193)
    const earlier = idByHash.get(hash >>> 1)
    if (earlier !== undefined) return [earlier, id]
    idByHash.set(hash >>> 1, id)
  }
}

test("a session keeps nothing of the strings that its id and user were cut from", async () => {
  const store = memorySessionStore()
  const before = heapUsed()
  for (let number = 0; number < 200; number += 1) {
    const { id, userId, ...fields } = sessionRecord()
    const header = `${id} ${userId} ${"x".repeat(100_000)}`.replace("y", "z")
    await store.insert({ ...fields, id: header.slice(0, 22), userId: header.slice(23, 59) })
  }
  expect(heapUsed() - before).toBeLessThan(2_000_000)
  expect(await store.find("nobody")).toBeUndefined()
})
