import { expect, test } from "vitest"
import { memoryAtomicStore, memorySessionStore, memoryStores } from "../../src/memory.js"
import { failing, failingStores, race, recording, recordingStores } from "../../src/testing.js"

const far = 9e12

test("recording counts calls in order and changes nothing", async () => {
  const { watched, calls } = recording(memoryAtomicStore(), "challenges")
  await watched.set("key", "value", far)
  expect(await watched.take("key")).toBe("value")
  expect(calls).toEqual([
    { number: 1, slot: "challenges", method: "set" },
    { number: 2, slot: "challenges", method: "take" },
  ])
})

test("what is no method is read through", () => {
  expect(recording(memorySessionStore()).watched.staleness).toBe(0)
})

test("a store that is frozen or a class with private fields can be watched", async () => {
  class Counter {
    #count = 0
    async next(): Promise<number> {
      this.#count += 1
      return this.#count
    }
  }
  const { watched, calls } = recording(Object.freeze(new Counter()))
  expect([await watched.next(), await watched.next()]).toEqual([1, 2])
  expect(calls).toHaveLength(2)
})

test("the n-th call over all slots fails, the others go through", async () => {
  const { watched, calls } = failingStores(memoryStores(), (call) => call.number === 2)
  await watched.challenges.set("key", "value", far)
  await expect(watched.sessions.find("nobody")).rejects.toThrow("call 2, sessions.find")
  expect(await watched.challenges.get("key")).toBe("value")
  expect(calls.map((call) => `${call.slot}.${call.method}`)).toEqual([
    "challenges.set",
    "sessions.find",
    "challenges.get",
  ])
})

test("a chosen call fails before it reaches the store, or after it took effect", async () => {
  const store = memoryAtomicStore()
  const before = failing(store, (call) => call.method === "set").watched
  await expect(before.set("key", "value", far)).rejects.toThrow("Injected fault")
  expect(await store.get("key")).toBeUndefined()
  const after = failing(store, (call) => call.method === "set", { moment: "after" }).watched
  await expect(after.set("key", "value", far)).rejects.toThrow("Injected fault")
  expect(await store.get("key")).toBe("value")
})

test("recordingStores watches every slot in one list", async () => {
  const { watched, calls } = recordingStores(memoryStores())
  await watched.users.findByEmail("nobody@example.com")
  await watched.audit.list({ limit: 1 })
  expect(calls.map((call) => call.slot)).toEqual(["users", "audit"])
})

test("race starts all callers together, deals them in turn and answers in order", async () => {
  const started: string[] = []
  const caller = (name: string) => async (index: number) => {
    started.push(`${name}${index}`)
    await new Promise((resolve) => setTimeout(resolve, 4 - index))
    return `${name}${index}`
  }
  const running = race(4, [caller("a"), caller("b")])
  expect(started).toEqual([])
  expect(await running).toEqual(["a0", "b1", "a2", "b3"])
  expect(started).toEqual(["a0", "b1", "a2", "b3"])
})

test("race rejects with a caller's failure, after all have ended", async () => {
  let ended = 0
  const slow = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    ended += 1
  }
  const broken = (): Promise<void> => {
    throw new Error("broken")
  }
  await expect(race(4, [slow, broken])).rejects.toThrow("broken")
  expect(ended).toBe(2)
  await expect(race(1, [])).rejects.toThrow("at least one caller")
})
