import { adjustableClock, sessionRecord } from "@mortise/core/testing"
import { describe, expect, test } from "vitest"
import { type KeyValueNamespace, kvSessions, MalformedDataError } from "../../src/index.js"
import { memoryNamespace } from "../locations/memory-namespace.js"

/* Promise 6: what cannot be read is a fault, and never a session or "no such session". */

const record = sessionRecord({ userId: "ada", secretHash: "s3cret-hash-canary".padEnd(43, "-") })
const body = { record, listedAt: record.createdAt, settled: false, retired: [] }
const seen = { revision: 1, lastSeenAt: record.createdAt, expiresAt: record.expiresAt, settled: false }

const broken: Record<string, readonly [key: "session" | "seen", text: string]> = {
  "a body that is empty": ["session", ""],
  "a body that is cut off": ["session", JSON.stringify(body).slice(0, -1)],
  "a body that is somebody else's text": ["session", "hello"],
  "a body that is null": ["session", "null"],
  "a body that is a list": ["session", "[]"],
  "a body that is a bare record": ["session", JSON.stringify(record)],
  "a body with another id": ["session", JSON.stringify({ ...body, record: sessionRecord() })],
  "a body with an instant as text": [
    "session",
    JSON.stringify({ ...body, record: { ...record, expiresAt: "9" } }),
  ],
  "a renewal that is empty": ["seen", ""],
  "a renewal that is null": ["seen", "null"],
}
for (const field of Object.keys(body)) {
  broken[`a body without ${field}`] = ["session", JSON.stringify({ ...body, [field]: undefined })]
}
for (const field of Object.keys(record)) {
  const without = { ...record, [field]: undefined }
  broken[`a record without ${field}`] = ["session", JSON.stringify({ ...body, record: without })]
}
for (const field of Object.keys(seen)) {
  broken[`a renewal without ${field}`] = ["seen", JSON.stringify({ ...seen, [field]: undefined })]
}

const lasting = { expirationTtl: 9_000 }

describe.each(Object.entries(broken))("%s", (_, [kind, text]) => {
  test("rejects wherever it is read, and says nothing of what is there", async () => {
    const namespace = memoryNamespace()
    const sessions = kvSessions(namespace, { clock: adjustableClock(record.createdAt) })
    await sessions.insert(record)
    await namespace.put(`mortise:${kind}:${record.id}`, text, lasting)
    const calls: readonly (() => Promise<unknown>)[] = [
      async () => sessions.find(record.id),
      () => sessions.replace({ ...record, revision: 1 }, 0),
      () => sessions.delete(record.id),
      () => sessions.listByUser("ada"),
    ]
    for (const call of calls) {
      const error = await call().catch((reason: unknown) => reason)
      expect(error, String(call)).toBeInstanceOf(MalformedDataError)
      expect(error instanceof Error && error.stack).not.toContain("canary")
    }
  })
})

test("an index or revocation that is none rejects", async () => {
  const namespace = memoryNamespace()
  const clock = adjustableClock(record.createdAt)
  const sessions = kvSessions(namespace, { clock })
  await sessions.insert(record)
  const [listed = ""] = (await namespace.list({ prefix: "mortise:user:" })).keys.map(({ name }) => name)
  const owner = listed.split(":")[2]
  for (const text of ["", "soon", "null", "{}", '{"epoch":"1","spared":""}', '{"epoch":1}']) {
    await namespace.put(`mortise:epoch:${owner}`, text, lasting)
    await expect(sessions.epoch("ada"), text).rejects.toThrow(MalformedDataError)
    await expect((async () => sessions.find(record.id))(), text).rejects.toThrow(MalformedDataError)
    await expect(sessions.deleteByUser("ada"), text).rejects.toThrow(MalformedDataError)
    await expect(sessions.insert(sessionRecord({ userId: "ada" })), text).rejects.toThrow(MalformedDataError)
  }
  await namespace.delete(`mortise:epoch:${owner}`)
  await namespace.put(`mortise:user:${owner}:somebody`, "", lasting)
  await expect(sessions.listByUser("ada")).rejects.toThrow(MalformedDataError)
  await namespace.delete(`mortise:user:${owner}:somebody`)
  await namespace.put(`mortise:revoked:${owner}:some:day`, "", lasting)
  clock.advance(1)
  await sessions.deleteByUser("ada", record.id)
  await expect((async () => sessions.find(record.id))()).rejects.toThrow(MalformedDataError)
})

test("a namespace that answers no texts rejects", async () => {
  for (const value of [1, {}, new ArrayBuffer(1), true]) {
    const odd: KeyValueNamespace = {
      ...memoryNamespace(),
      get: async (keys) => new Map(keys.map((key) => [key, Object(value) as string])),
    }
    const sessions = kvSessions(odd)
    await expect((async () => sessions.find(record.id))()).rejects.toThrow(MalformedDataError)
    await expect(sessions.epoch("ada")).rejects.toThrow(MalformedDataError)
  }
})

test("a record that could not be read back is not written", async () => {
  const sessions = kvSessions(memoryNamespace())
  const faults: readonly object[] = [
    { expiresAt: Number.NaN },
    { createdAt: 0.5 },
    { epoch: -1 },
    { claims: null },
  ]
  for (const changes of faults) {
    const broken = Object.assign(sessionRecord(), changes)
    await expect(sessions.insert(broken)).rejects.toThrow(TypeError)
    expect(await sessions.find(broken.id)).toBeUndefined()
  }
})
