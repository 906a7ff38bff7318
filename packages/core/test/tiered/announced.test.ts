import { afterEach, expect, test, vi } from "vitest"
import { memorySessionStore } from "../../src/memory.js"
import type { SessionMessages } from "../../src/stores/ports.js"
import { adjustableClock, failing, sessionRecord } from "../../src/testing.js"
import { announced, memoryMessages } from "../../src/tiered.js"

afterEach(() => void vi.useRealTimers())

async function bench() {
  const clock = adjustableClock()
  const store = memorySessionStore({ clock })
  const told: string[] = []
  const messages = memoryMessages()
  await messages.subscribe({ changed: (ids) => void told.push(...ids), gap: () => {} })
  const record = sessionRecord({ createdAt: clock() })
  await store.insert(record)
  return { clock, store, messages, told, record }
}

test("an end and another token are told; a use, a no and what changed nothing are not", async () => {
  const { clock, messages, record, store, told } = await bench()
  const sessions = announced(store, messages)
  const used = { ...record, revision: 1, lastSeenAt: clock() + 1 }
  expect(await sessions.replace(used, 0)).toBe(true)
  expect(await sessions.replace({ ...used, secretHash: sessionRecord().secretHash }, 0)).toBe(false)
  expect(await sessions.delete(sessionRecord().id)).toBe(false)
  expect(await sessions.deleteByUser(crypto.randomUUID())).toEqual([])
  expect(await sessions.insert(sessionRecord({ userId: record.userId, epoch: 7 }))).toBe(false)
  expect(told).toEqual([])

  const secretHash = sessionRecord().secretHash
  expect(await sessions.replace({ ...used, revision: 2, secretHash }, 1)).toBe(true)
  expect(told.splice(0)).toEqual([record.id])
  expect(await sessions.delete(record.id)).toBe(true)
  expect(told.splice(0)).toEqual([record.id])
  const [one, kept] = [sessionRecord({ userId: "u" }), sessionRecord({ userId: "u" })]
  for (const each of [one, kept]) await sessions.insert(each)
  expect(await sessions.deleteByUser("u", kept.id)).toEqual([one.id])
  expect(told).toEqual([one.id])
})

test("what cannot be told fails nothing, and is told within a minute", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  const { messages, record, store, told } = await bench()
  let isDown = true
  const broken: SessionMessages = {
    ...messages,
    publish: (ids) => (isDown ? Promise.reject(new Error("cut off")) : messages.publish(ids)),
  }
  expect(await announced(store, broken).delete(record.id)).toBe(true)
  await vi.advanceTimersByTimeAsync(50_000)
  expect(told).toEqual([])
  isDown = false
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told).toEqual([record.id])
})

test("a channel that hangs keeps nobody waiting", async () => {
  const { messages, record, store } = await bench()
  const stuck: SessionMessages = { ...messages, publish: () => new Promise(() => {}) }
  const before = performance.now()
  expect(await announced(store, stuck).delete(record.id)).toBe(true)
  expect(performance.now() - before).toBeLessThan(2_000)
})

test("a store that fails has told nobody", async () => {
  const { messages, record, store, told } = await bench()
  const sessions = announced(failing(store, () => true).watched, messages)
  await expect(sessions.delete(record.id)).rejects.toThrow("Injected fault")
  await expect(sessions.deleteByUser(record.userId)).rejects.toThrow("Injected fault")
  expect(told).toEqual([])
})

test("of two who listen with one listener, one stops", async () => {
  const messages = memoryMessages()
  const told: string[] = []
  const listener = { changed: (ids: readonly string[]) => void told.push(...ids), gap: () => {} }
  const stop = await messages.subscribe(listener)
  await messages.subscribe(listener)
  await messages.publish(["a"])
  await stop()
  await stop()
  await messages.publish(["b"])
  expect(told).toEqual(["a", "a", "b"])
})
