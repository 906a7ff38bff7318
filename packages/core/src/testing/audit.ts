import assert from "node:assert/strict"
import type { AuthEvent } from "../events.js"
import type { AuditEntry, AuditStore } from "../stores/ports.js"
import { type Bench, type Check, check } from "./check.js"
import { signInEntry } from "./fixtures.js"
import { race } from "./race.js"

/**
 * What an {@link AuditStore} keeps and in which order it is read. In a shared log the entries of one check
 * are among the newest 500; the events name random users, for whom the log needs no account.
 */
export const auditStoreChecks: readonly Check<Bench<AuditStore>>[] = [
  check(
    "an event appended through one instance is read through the other, field by field",
    async ({ a, b }, clock) => {
      const [userId, sessionId] = [crypto.randomUUID(), "A".repeat(22)]
      const origin = {
        realm: "admin",
        at: clock(),
        address: "2001:db8::1",
        userAgent: 'it\'s "é 🔐" \\ \n %s',
      }
      const events: readonly AuthEvent[] = [
        { ...origin, type: "user.registered", userId },
        { ...origin, type: "sign_in.refused", flow: "password", cause: "wrong_password", userId },
        { ...origin, type: "session.ended", userId, sessionId, cause: "password_changed" },
        { ...origin, type: "guard.refused", rule: 'hasRole("admin")', userId, cause: "role" },
        { ...origin, type: "password.changed", userId },
      ]
      const entries = events.map((event, index): AuditEntry => ({ at: clock() + index, event }))
      for (const entry of entries) await a.append(entry)
      assert.deepEqual(await b.list({ userId, limit: 10 }), [...entries].reverse())
    },
  ),

  check(
    "list with a user brings only the events that name the user; without, all",
    async ({ a, b }, clock) => {
      const [userId, otherId, run] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
      const at = clock()
      const nobodys: AuditEntry = {
        at,
        event: {
          type: "limit.hit",
          realm: "main",
          at,
          address: "",
          userAgent: "",
          limit: run,
          retryAfter: 30,
        },
      }
      const [mine, others] = [signInEntry(userId, at), signInEntry(otherId, at)]
      for (const entry of [mine, others, nobodys]) await a.append(entry)
      assert.deepEqual(await b.list({ userId, limit: 10 }), [mine])
      assert.deepEqual(await b.list({ userId: otherId, limit: 10 }), [others])
      assert.deepEqual(await b.list({ userId: crypto.randomUUID(), limit: 10 }), [])
      const all = await b.list({ limit: 500 })
      for (const entry of [mine, others, nobodys]) {
        assert.ok(
          all.some((listed) => isSame(listed, entry)),
          `list brings no ${entry.event.type}`,
        )
      }
    },
  ),

  check("list is newest first, at most `limit`", async ({ a, b }, clock) => {
    const userId = crypto.randomUUID()
    const entries = Array.from({ length: 7 }, (_, index) => signInEntry(userId, clock() + index))
    for (const [index, entry] of entries.entries()) await (index % 2 ? a : b).append(entry)
    const newestFirst = [...entries].reverse()
    assert.deepEqual(await a.list({ userId, limit: 100 }), newestFirst)
    assert.deepEqual(await b.list({ userId, limit: 7 }), newestFirst)
    assert.deepEqual(await b.list({ userId, limit: 3 }), newestFirst.slice(0, 3))
    assert.equal((await a.list({ limit: 3 })).length, 3)
    const all = (await b.list({ limit: 500 })).filter((listed) =>
      entries.some((entry) => isSame(listed, entry)),
    )
    assert.deepEqual(all, newestFirst, "without a user too")
  }),

  check("events of one millisecond keep the order in which they were appended", async ({ a }, clock) => {
    const userId = crypto.randomUUID()
    const entries = Array.from({ length: 5 }, () => signInEntry(userId, clock()))
    for (const entry of entries) await a.append(entry)
    assert.deepEqual(await a.list({ userId, limit: 5 }), [...entries].reverse())
  }),

  check("nothing is lost or doubled among N parallel callers", async ({ a, b }, clock) => {
    const userId = crypto.randomUUID()
    const entries = Array.from({ length: 64 }, (_, index) => signInEntry(userId, clock() + index))
    const append = (store: AuditStore, index: number): Promise<void> =>
      store.append(entries[index] ?? signInEntry(userId))
    await race(64, [(i) => append(a, i), (i) => append(b, i)])
    assert.deepEqual(await b.list({ userId, limit: 100 }), [...entries].reverse())
  }),

  check("what was handed in or out can be changed without changing the store", async ({ a }, clock) => {
    const userId = crypto.randomUUID()
    const entry = signInEntry(userId, clock())
    const untouched = structuredClone(entry)
    await a.append(entry)
    Reflect.set(entry, "at", 0)
    Reflect.set(entry.event, "userAgent", "scribbled")
    const [answer] = await a.list({ userId, limit: 1 })
    assert.deepEqual(answer, untouched)
    Reflect.set(Object(answer?.event), "userAgent", "scribbled")
    assert.deepEqual(await a.list({ userId, limit: 1 }), [untouched])
  }),
]

function isSame(one: AuditEntry, other: AuditEntry): boolean {
  try {
    assert.deepEqual(one, other)
    return true
  } catch {
    return false
  }
}
