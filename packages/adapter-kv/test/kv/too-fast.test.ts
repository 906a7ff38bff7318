import type { SessionRecord } from "@mortise/core"
import { adjustableClock, sessionRecord } from "@mortise/core/testing"
import { beforeEach, expect, test, vi } from "vitest"
import { kvSessions } from "../../src/index.js"
import { memoryNamespace } from "../locations/memory-namespace.js"
import { type NamespaceCall, recordedNamespace } from "./recorded-namespace.js"

/* KV takes one write per second and key, and refuses the second; miniflare does not, so it is played here. */

/** No wait takes longer than a turn of the event loop; how long each would have taken. */
const waits: unknown[] = []
beforeEach(() => {
  waits.length = 0
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, wait: unknown) => {
    waits.push(wait)
    setImmediate(work)
  }) as never)
})

const tooFast = new Error("KV PUT failed: 429 Too Many Requests")

async function openedWith(refuses: (call: NamespaceCall) => Error | undefined) {
  const clock = adjustableClock()
  const record = sessionRecord({ createdAt: clock() })
  let isOpen = false
  const { namespace } = recordedNamespace(memoryNamespace(), (call) => (isOpen ? refuses(call) : undefined))
  const sessions = kvSessions(namespace, { clock })
  await sessions.insert(record)
  isOpen = true
  return { sessions, record, clock }
}

function writing(kind: string, error = tooFast): (call: NamespaceCall) => Error | undefined {
  return ({ method, kinds }) => (method === "put" && kinds === kind ? error : undefined)
}

function renewed(record: SessionRecord): SessionRecord {
  return { ...record, revision: 1, lastSeenAt: record.lastSeenAt + 1 }
}

test("a renewal that comes too soon after another counts as changed meanwhile; the session goes on", async () => {
  const { sessions, record } = await openedWith(writing("seen"))
  expect(await sessions.replace(renewed(record), 0)).toBe(false)
  expect((await sessions.find(record.id))?.record).toEqual(record)
})

test("a mark that cannot be written is no reason to refuse a session", async () => {
  for (const error of [tooFast, new Error("KV PUT failed: 500")]) {
    const { sessions, record, clock } = await openedWith(writing("seen", error))
    clock.advance(180_000)
    expect((await sessions.find(record.id))?.record).toEqual(record)
  }
})

test("a rotation, an end and a revocation that were refused reject: they did not happen", async () => {
  const rotation = await openedWith(writing("session"))
  const next = { ...renewed(rotation.record), secretHash: sessionRecord().secretHash }
  await expect(rotation.sessions.replace(next, 0)).rejects.toThrow("429")

  const end = await openedWith(writing("ended"))
  await expect(end.sessions.delete(end.record.id)).rejects.toThrow("429")
  await expect(end.sessions.deleteByUser(end.record.userId)).rejects.toThrow("429")

  for (const kind of ["revoked", "epoch"]) {
    const revocation = await openedWith(writing(kind))
    await expect(revocation.sessions.deleteByUser(revocation.record.userId)).rejects.toThrow("429")
  }
  const renewal = await openedWith(writing("seen", new Error("KV PUT failed: 500")))
  await expect(renewal.sessions.replace(renewed(renewal.record), 0)).rejects.toThrow("500")
})

test.each(["epoch", "ended"])(
  "what ends sessions (%s) waits until KV takes it, beyond its second",
  async (kind) => {
    const isRefused = writing(kind)
    let left = 2
    const patient = await openedWith((call) => {
      const refused = isRefused(call)
      return refused && left-- > 0 ? refused : undefined
    })
    expect(await patient.sessions.deleteByUser(patient.record.userId)).toEqual([patient.record.id])
    expect(waits).toEqual([1_100, 1_100])
    expect(await patient.sessions.find(patient.record.id)).toBeUndefined()
  },
)

test("who revokes all and signs in at once does so under the new epoch, though KV shows the old one for a minute", async () => {
  const memory = memoryNamespace()
  const asBefore = new Map<string, string | null>()
  const lagging = {
    ...memory,
    // What this location has read, it goes on reading.
    async get(keys: string[]) {
      const found = await memory.get(keys, { cacheTtl: 60 })
      for (const [key, value] of found) if (!asBefore.has(key)) asBefore.set(key, value)
      return new Map(
        keys.map((key) => [
          key,
          key.includes("epoch") ? (asBefore.get(key) ?? null) : (found.get(key) ?? null),
        ]),
      )
    },
  }
  const sessions = kvSessions(lagging)
  const record = sessionRecord({ createdAt: Date.now() })
  expect(await sessions.epoch(record.userId)).toBe(0)
  await sessions.deleteByUser(record.userId)
  const epoch = await sessions.epoch(record.userId)
  expect(epoch).toBeGreaterThan(0)
  expect(await sessions.insert({ ...record, epoch })).toBe(true)
  expect((await sessions.find(record.id))?.record.epoch).toBe(epoch)
})

test("what is left of an ended session and cannot be removed at once ends by itself", async () => {
  const { sessions, record } = await openedWith(({ method }) =>
    method === "delete" ? new Error("KV DELETE failed: 429 Too Many Requests") : undefined,
  )
  expect(await sessions.delete(record.id)).toBe(true)
  expect(await sessions.find(record.id)).toBeUndefined()
  expect(await sessions.deleteByUser(record.userId)).toEqual([])
  const other = await openedWith(({ method }) => (method === "delete" ? new Error("KV is down") : undefined))
  await expect(other.sessions.delete(other.record.id)).rejects.toThrow("down")
  expect(await other.sessions.find(other.record.id), "but it has ended").toBeUndefined()
})
