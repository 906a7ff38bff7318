/** Windows of one session that is over by its own word, and a server that does not answer: how often is asked, in fake time. */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest"
import type { AskServer } from "../src/ask-server.js"
import { failure } from "../src/outcome.js"
import { sessionStore } from "../src/session-store.js"
import type { WrittenStore } from "../src/store-contract.js"
import { openPage } from "./browser.js"

const seconds = 1_000
const minutes = 60 * seconds
const hours = 60 * minutes

/** The browser's locks: every name has one holder, and who asks for it meanwhile gets none. */
const held = new Set<string>()
let lockRequests = 0
const locks = {
  async request(name: string, _: object, work: (lock: object | null) => Promise<unknown>): Promise<unknown> {
    lockRequests++
    if (held.has(name)) return work(null)
    held.add(name)
    return work({ name }).finally(() => held.delete(name))
  },
}

/** Which window asked. */
let asked: number[] = []
let answer: AskServer

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] })
  vi.stubGlobal("navigator", { locks })
  // None hears of the others: each has to find everything out by itself.
  vi.stubGlobal(
    "BroadcastChannel",
    class extends EventTarget {
      postMessage(): void {}
      close(): void {}
    },
  )
})
afterEach(() => {
  vi.useRealTimers()
  held.clear()
})

/** Windows that all know of the session, which has been over for half an hour, and is in its grace period. */
async function windows(count: number): Promise<WrittenStore<object>[]> {
  const now = Date.now()
  const lastSeenAt = now - 1.5 * hours
  const session = { id: "s", lastSeenAt, expiresAt: now - 0.5 * hours, absoluteExpiresAt: now + 99 * hours }
  const json = { user: { id: "u", claims: {} }, session }
  answer = async () => ({ ok: true, json, serverTime: Date.now() })
  const all = Array.from({ length: count }, (_, index) => {
    const store = sessionStore<object>({
      ask: (question) => {
        asked.push(index)
        return answer(question)
      },
      clock: () => Date.now(),
      name: "mortise",
      paths: { session: "/session", refresh: "/refresh" },
      random: Math.random,
      staleAfterMs: minutes,
    })
    onTestFinished(() => store.close())
    store.subscribe(() => {})
    return store
  })
  await vi.advanceTimersByTimeAsync(10)
  expect(all.map((store) => store.get().status)).toEqual(all.map(() => "signed_in"))
  return all
}

function begin(): void {
  asked = []
  lockRequests = 0
}

test.each([2, 5])("%i windows wait for the one that asks, and do not spin", async (count) => {
  const page = openPage()
  await windows(count)
  answer = async () => failure("network", 0, "down")
  await vi.advanceTimersByTimeAsync(2 * hours)
  // Awake again; who asks now waits long for an answer.
  answer = () => new Promise((resolve) => setTimeout(resolve, 20 * seconds, failure("network", 0, "down")))
  begin()
  page.dispatch("online")
  await vi.advanceTimersByTimeAsync(19 * seconds)
  expect(lockRequests).toBeLessThan(10 * count)
})

test("a server that says 'in a second' for ten minutes is not asked every second", async () => {
  openPage()
  await windows(1)
  answer = async () => ({ ...failure("unavailable", 503, "down"), retryAfter: 1 })
  vi.advanceTimersByTime(hours)
  await vi.advanceTimersByTimeAsync(minutes)
  begin()
  await vi.advanceTimersByTimeAsync(10 * minutes)
  expect(asked.length).toBeGreaterThan(50)
  expect(asked.length).toBeLessThanOrEqual(120)
})

test("a window goes on in the place of one that was closed while it asked", async () => {
  openPage()
  const [one, other] = (await windows(2)) as [WrittenStore<object>, WrittenStore<object>]
  answer = () => new Promise(() => {})
  vi.setSystemTime(Date.now() + 8 * hours)
  begin()
  while (asked.length === 0) await vi.advanceTimersByTimeAsync(seconds)
  const [first] = asked
  await vi.advanceTimersByTimeAsync(seconds)
  const closed = first === 0 ? one : other
  closed.close()
  held.clear()
  await vi.advanceTimersByTimeAsync(2 * minutes)
  expect(asked).toContain(first === 0 ? 1 : 0)
})
