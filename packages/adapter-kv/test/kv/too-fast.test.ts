import type { SessionRecord } from "@mortise/core"
import { adjustableClock, sessionRecord } from "@mortise/core/testing"
import { expect, test } from "vitest"
import { kvSessions } from "../../src/index.js"
import { memoryNamespace } from "../locations/memory-namespace.js"
import { type NamespaceCall, recordedNamespace } from "./recorded-namespace.js"

/* KV takes one write per second and key, and refuses the second; miniflare does not, so it is played here. */

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
