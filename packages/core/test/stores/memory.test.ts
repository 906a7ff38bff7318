import { expect, test } from "vitest"
import type { Clock } from "../../src/clock.js"
import {
  memoryAtomicStore,
  memoryAuditStore,
  memoryConsentStore,
  memoryCredentialStore,
  memorySessionStore,
  memoryStores,
  memoryUserStore,
} from "../../src/memory.js"
import {
  adjustableClock,
  atomicStoreChecks,
  auditStoreChecks,
  type Bench,
  consentStoreChecks,
  credentialRealmChecks,
  credentialStoreChecks,
  type OwnedBench,
  sessionStoreChecks,
  signInEntry,
  userRealmChecks,
  userStoreChecks,
} from "../../src/testing.js"
import { memoryAuditBench } from "./memory-tampering.js"
import { runChecks } from "./run-checks.js"

/** What lives in one process has one instance: both of the bench's names mean the same. */
function twice<S>(store: S): Bench<S> {
  return { a: store, b: store }
}

function owned<S>(store: S): OwnedBench<S> {
  return { a: store, b: store, newUserId: async () => crypto.randomUUID() }
}

runChecks("memory atomic store", atomicStoreChecks, (clock: Clock) => twice(memoryAtomicStore({ clock })))
runChecks("memory session store", sessionStoreChecks, (clock: Clock) => owned(memorySessionStore({ clock })))
runChecks("memory user store", userStoreChecks, () => twice(memoryUserStore()))
runChecks("memory credential store", credentialStoreChecks, () => owned(memoryCredentialStore()))
runChecks("memory users of two realms", userRealmChecks, () => ({
  ...twice(memoryUserStore()),
  other: twice(memoryUserStore()),
}))
runChecks("memory credentials of two realms", credentialRealmChecks, () => ({
  ...owned(memoryCredentialStore()),
  other: owned(memoryCredentialStore()),
}))
runChecks("memory audit store", auditStoreChecks, () => memoryAuditBench())
runChecks("memory consent store", consentStoreChecks, () => owned(memoryConsentStore()))

test("memoryStores fills every slot; challenges and rate limits do not share keys", async () => {
  const clock = adjustableClock()
  const stores = memoryStores({ clock })
  expect(Object.keys(stores).sort()).toEqual([
    "audit",
    "challenges",
    "consents",
    "credentials",
    "rateLimits",
    "sessions",
    "users",
  ])
  await stores.challenges.set("key", "challenge", clock() + 1)
  expect(await stores.rateLimits.get("key")).toBeUndefined()
  clock.advance(1)
  expect(await stores.challenges.get("key")).toBeUndefined()
})

test("a full atomic store refuses what needs room, and forgets nothing that is alive", async () => {
  const clock = adjustableClock()
  const store = memoryAtomicStore({ clock, maxEntries: 3 })
  for (const key of ["a", "b", "c"]) await store.increment(key, clock() + 1_000)
  await expect(store.increment("d", clock() + 1_000)).rejects.toThrow("full")
  await expect(store.add("d", "x", clock() + 1_000)).rejects.toThrow("full")
  await expect(store.set("d", "x", clock() + 1_000)).rejects.toThrow("full")
  expect(await store.increment("a", clock() + 1_000)).toBe(2)
  expect(await store.swap("b", "1", "7", clock() + 1_000)).toBe(true)
  clock.advance(1_000)
  expect(await store.add("d", "x", clock() + 1_000)).toBe(true)
})

test("increment of what is no counter rejects and leaves it", async () => {
  const store = memoryAtomicStore()
  for (const value of ["", "x", "007", "1.5", "1e3", "NaN"]) {
    await store.set("key", value, Date.now() + 60_000)
    await expect(store.increment("key", Date.now() + 60_000)).rejects.toThrow("no counter")
    expect(await store.get("key")).toBe(value)
  }
})

test("a session cannot be replaced by one of another user", async () => {
  const store = memorySessionStore()
  const { sessionRecord } = await import("../../src/testing.js")
  const record = sessionRecord()
  await store.insert(record)
  await expect(store.replace({ ...record, userId: "thief", revision: 1 }, 0)).rejects.toThrow("user")
  expect((await store.find(record.id))?.record).toEqual(record)
})

test("a page of users starts after the cursor even if that user is gone", async () => {
  const store = memoryUserStore()
  const ids: string[] = []
  for (const createdAt of [1_000, 2_000, 3_000, 4_000]) {
    const user = await store.create({ email: `${createdAt}@example.com`, emailVerifiedAt: null, createdAt })
    ids.push(user?.id ?? "")
  }
  await store.delete(ids[1] ?? "")
  const page = await store.list({ limit: 10, after: ids[1] ?? "" })
  expect(page.map((user) => user.id)).toEqual(ids.slice(2))
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test("the audit keeps the newest records up to its limit, and verifies from there on", async () => {
  const store = memoryAuditStore({ maxEntries: 3 })
  for (const at of [1, 2]) await store.append(signInEntry("somebody", at))
  const early = await store.verify()
  for (const at of [3, 4, 5]) await store.append(signInEntry("somebody", at))
  const [last, ...others] = await store.list({ limit: 10 })
  expect([last, ...others].map((record) => record?.at)).toEqual([5, 4, 3])
  const mark = { number: last?.number, hash: last?.hash }
  expect(await store.verify()).toEqual({ ok: true, records: 3, last: mark })
  expect(await store.verify(early.ok ? early.last : undefined)).toMatchObject({ ok: true, records: 3 })
  await store.append(signInEntry("somebody", 6))
  expect(await store.verify(early.ok ? early.last : undefined)).toEqual({
    ok: false,
    number: 2,
    fault: "missing",
  })
})

test("of an empty audit there is nothing to remember; a mark of another is missing", async () => {
  expect(await memoryAuditStore().verify()).toEqual({ ok: true, records: 0, last: undefined })
  const mark = { number: 7, hash: "x".repeat(43) }
  expect(await memoryAuditStore().verify(mark)).toEqual({ ok: false, number: 7, fault: "missing" })
})
