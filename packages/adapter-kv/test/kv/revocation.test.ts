import type { SessionStore } from "@mortise/core"
import { type AdjustableClock, adjustableClock, sessionRecord } from "@mortise/core/testing"
import { describe, expect, test } from "vitest"
import { type KeyValueNamespace, kvSessions } from "../../src/index.js"
import { laggingLocations } from "../locations/lagging-locations.js"
import { memoryNamespace } from "../locations/memory-namespace.js"
import { recordedNamespace } from "./recorded-namespace.js"

/* What the kit and the histories cannot reach: views older than KV promises, steps that take long, crashes. */

const minute = 60_000

interface Places {
  readonly clock: AdjustableClock
  /** Sees everything at once. */
  readonly here: SessionStore
  /** Sees everything as late as `lag` says. */
  readonly there: SessionStore
  readonly lag: { ms: number }
}

function twoPlaces(real: KeyValueNamespace = memoryNamespace()): Places {
  const clock = adjustableClock()
  const lag = { ms: minute }
  const openLocation = laggingLocations(real, { clock })
  return {
    clock,
    lag,
    here: kvSessions(
      openLocation(() => 0),
      { clock },
    ),
    there: kvSessions(
      openLocation(() => lag.ms),
      { clock },
    ),
  }
}

test("should KV take hours, a session that was missed ends with its next renewal", async () => {
  const { clock, here, there, lag } = twoPlaces()
  const record = sessionRecord({ createdAt: clock() })
  await here.insert(record)
  clock.advance(60 * minute)
  await here.find(record.id)
  lag.ms = 120 * minute
  expect(await there.deleteByUser(record.userId), "not listed there").toEqual([])
  expect(await here.find(record.id), "nobody looks at the epoch any more").toBeDefined()
  expect(await here.replace({ ...record, revision: 1, lastSeenAt: clock() }, 0)).toBe(false)
  expect(await here.find(record.id)).toBeUndefined()
})

test("what is listed ends, even where its body cannot be seen", async () => {
  const clock = adjustableClock()
  const { namespace } = recordedNamespace(memoryNamespace(), ({ method }) =>
    method === "delete" ? new Error("KV DELETE failed: 429 Too Many Requests") : undefined,
  )
  const openLocation = laggingLocations(namespace, { clock })
  const [early, late] = [openLocation(() => 0), openLocation(() => 120 * minute)]
  const [here, there] = [early, { ...late, list: early.list }].map((each) => kvSessions(each, { clock }))
  const record = sessionRecord({ createdAt: clock() })
  await here?.insert(record)
  clock.advance(60 * minute)
  expect(await here?.find(record.id)).toBeDefined()
  expect(await there?.deleteByUser(record.userId), "for all that can be seen there").toEqual([])
  expect(await here?.find(record.id)).toBeUndefined()
})

test("a long sign-in is as young as its entry in the index", async () => {
  const { clock, here, there } = twoPlaces()
  const record = sessionRecord({ createdAt: clock() - 30 * minute })
  await here.insert(record)
  clock.advance(1)
  await here.find(record.id)
  await there.deleteByUser(record.userId)
  clock.advance(minute)
  expect(await here.find(record.id)).toBeUndefined()
  expect(await there.find(record.id)).toBeUndefined()
})

test("a session is as old as it was when its check began, however long that takes", async () => {
  const clock = adjustableClock()
  const openLocation = laggingLocations(memoryNamespace(), { clock })
  const late = openLocation(() => minute)
  const slow: KeyValueNamespace = {
    ...late,
    async get(keys, options) {
      const found = await late.get(keys, options)
      if (keys[0]?.includes(":epoch:")) clock.advance(minute)
      return found
    },
  }
  const record = sessionRecord({ createdAt: clock() })
  await kvSessions(late, { clock }).insert(record)
  clock.advance(minute - 1)
  // Not listed yet where this is asked.
  await kvSessions(late, { clock }).deleteByUser(record.userId)
  clock.advance(minute / 2)
  expect(
    await kvSessions(slow, { clock }).find(record.id),
    "not revoked, as far as could be seen",
  ).toBeDefined()
  clock.advance(minute)
  expect(await kvSessions(late, { clock }).find(record.id), "nor settled").toBeUndefined()
})

test("a rotation with an old view stores the session anew, and it is over all the same", async () => {
  const { clock, here, there } = twoPlaces()
  const record = sessionRecord({ createdAt: clock() })
  await here.insert(record)
  for (const wait of [3 * minute, minute]) {
    clock.advance(wait)
    for (const store of [here, there]) await store.find(record.id)
  }
  expect(await here.deleteByUser(record.userId)).toEqual([record.id])
  const seen = (await there.find(record.id))?.record
  const next = { ...record, secretHash: sessionRecord().secretHash, revision: (seen?.revision ?? 0) + 1 }
  expect(await there.replace(next, seen?.revision ?? -1), "for all that can be seen there").toBe(true)
  clock.advance(minute)
  for (const store of [here, there]) expect(await store.find(record.id)).toBeUndefined()
})

test("what has ended is not replaced, even while its body is still there", async () => {
  const recorded = recordedNamespace(memoryNamespace(), ({ method }) =>
    method === "delete" ? new Error("KV DELETE failed: 429 Too Many Requests") : undefined,
  )
  const { clock, here } = twoPlaces(recorded.namespace)
  const record = sessionRecord({ createdAt: clock() })
  await here.insert(record)
  expect(await here.delete(record.id)).toBe(true)
  recorded.take()
  expect(await here.replace({ ...record, revision: 1, lastSeenAt: clock() + 1 }, 0)).toBe(false)
  const rotated = { ...record, revision: 1, secretHash: sessionRecord().secretHash }
  expect(await here.replace(rotated, 0)).toBe(false)
  expect(recorded.take().filter(({ method }) => method === "put")).toEqual([])
})

test("whoever brings a secret that was rotated away is refused, even at the right revision", async () => {
  const { clock, here } = twoPlaces()
  const record = sessionRecord({ createdAt: clock() })
  await here.insert(record)
  const rotated = { ...record, revision: 1, secretHash: sessionRecord().secretHash }
  expect(await here.replace(rotated, 0)).toBe(true)
  expect(await here.replace({ ...record, revision: 2 }, 1)).toBe(false)
  expect((await here.find(record.id))?.record).toEqual(rotated)
})

test("an absolute end, or a user, that would move is refused: what says that it ended would not last", async () => {
  const { clock, here } = twoPlaces()
  const record = sessionRecord({ createdAt: clock() })
  await here.insert(record)
  for (const change of [{ absoluteExpiresAt: record.absoluteExpiresAt + 1 }, { userId: "another" }]) {
    await expect(here.replace({ ...record, ...change, revision: 1 }, 0)).rejects.toThrow(TypeError)
  }
})

describe("a process that dies half-way", () => {
  const steps = ["put revoked", "put epoch", "list user", "put ended", "delete session"]

  test.each(steps)("in deleteByUser, at %s: a repetition ends everything", async (step) => {
    let isBroken = false
    const recorded = recordedNamespace(memoryNamespace(), ({ method, kinds }) =>
      isBroken && `${method} ${kinds}` === step ? new Error("gone") : undefined,
    )
    const { clock, here } = twoPlaces(recorded.namespace)
    const userId = "ada"
    const records = [1, 2, 3].map(() => sessionRecord({ userId, createdAt: clock() }))
    for (const record of records) await here.insert(record)
    isBroken = true
    await expect(here.deleteByUser(userId)).rejects.toThrow("gone")
    isBroken = false
    await here.deleteByUser(userId)
    for (const { id } of records) expect(await here.find(id)).toBeUndefined()
    expect(await here.listByUser(userId)).toEqual([])
  })

  test("in insert: what was listed and never stored is nothing to find, and can be revoked", async () => {
    const recorded = recordedNamespace(memoryNamespace(), ({ method, kinds }) =>
      method === "put" && kinds === "session" ? new Error("gone") : undefined,
    )
    const { clock, here } = twoPlaces(recorded.namespace)
    const record = sessionRecord({ createdAt: clock() })
    await expect(here.insert(record)).rejects.toThrow("gone")
    expect(await here.find(record.id)).toBeUndefined()
    expect(await here.listByUser(record.userId)).toEqual([])
    expect(await here.deleteByUser(record.userId)).toEqual([])
  })
})

test("after revoking, nothing of a session is left but that it ended", async () => {
  const namespace = memoryNamespace()
  const { clock, here } = twoPlaces(namespace)
  // So long that no random id has it by chance.
  const userId = "ada-lovelace"
  const record = sessionRecord({ userId, createdAt: clock(), address: "192.0.2.77" })
  await here.insert(record)
  await here.replace({ ...record, revision: 1, lastSeenAt: clock() + 1 }, 0)
  await here.deleteByUser(userId)
  const { keys } = await namespace.list({ prefix: "" })
  const kinds = keys.map(({ name }) => name.split(":")[1])
  expect(kinds.sort()).toEqual(["ended", "epoch", "revoked"])
  const values = await namespace.get(
    keys.map(({ name }) => name),
    { cacheTtl: 60 },
  )
  expect(JSON.stringify([...values])).not.toMatch(/ada-lovelace|192\.0\.2\.77/)
})

test("of two revocations closer together than two clocks differ, the second ends what was opened between them", async () => {
  const ahead = adjustableClock()
  const behind = adjustableClock(ahead() - 1_500)
  const openLocation = laggingLocations(memoryNamespace(), { clock: behind })
  const here = kvSessions(
    openLocation(() => minute),
    { clock: ahead },
  )
  const there = kvSessions(
    openLocation(() => minute),
    { clock: behind },
  )
  const record = sessionRecord({ createdAt: ahead() })
  expect(await there.epoch(record.userId)).toBe(0)
  await here.deleteByUser(record.userId)
  const epoch = await here.epoch(record.userId)
  expect(await here.insert({ ...record, epoch })).toBe(true)
  expect(await there.deleteByUser(record.userId), "it sees neither the session nor the revocation").toEqual(
    [],
  )
  for (const clock of [ahead, behind]) clock.advance(3 * minute)
  expect(await there.find(record.id)).toBeUndefined()
  expect(
    await kvSessions(
      openLocation(() => 0),
      { clock: ahead },
    ).find(record.id),
  ).toBeUndefined()
})

test("more sessions than a request can end are ended by several, each of which goes on where the last stopped", async () => {
  const memory = memoryNamespace()
  const clock = adjustableClock()
  const records = Array.from({ length: 1_100 }, () => sessionRecord({ createdAt: clock(), userId: "ada" }))
  const opening = kvSessions(memory, { clock })
  for (const record of records) await opening.insert(record)
  clock.advance(3 * minute)
  for (const { id } of records) await opening.find(id)
  let requests = 0
  for (let isDone = false; !isDone; requests++) {
    let calls = 0
    const { namespace } = recordedNamespace(memory, () =>
      ++calls > 1_000 ? new Error("Too many API requests by single worker invocation.") : undefined,
    )
    isDone = await kvSessions(namespace, { clock })
      .deleteByUser("ada")
      .then(
        () => true,
        () => false,
      )
    expect(requests).toBeLessThan(10)
  }
  expect(requests).toBeGreaterThan(1)
  for (const { id } of records) expect(await opening.find(id)).toBeUndefined()
})
