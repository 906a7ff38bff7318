import assert from "node:assert/strict"
import type { AuthEvent } from "../../events.js"
import type { AuditEntry, AuditQuery, AuditStore } from "../../stores/ports.js"
import { type Check, check } from "../check.js"
import { signInEntry } from "../fixtures.js"
import { type AuditBench, entryOf } from "./bench.js"

async function entriesOf(store: AuditStore, query: AuditQuery): Promise<readonly AuditEntry[]> {
  return (await store.list(query)).map(entryOf)
}

/** What a log keeps, and in which order it is read. */
export const auditRecordChecks: readonly Check<AuditBench>[] = [
  check(
    "an event appended through one instance is read through the other, field by field",
    async ({ a, b }, clock) => {
      const [userId, sessionId] = [crypto.randomUUID(), "A".repeat(22)]
      const origin = { realm: "admin", address: "2001:db8::1", userAgent: 'it\'s "é 🔐" \\ \n %s' }
      const emailDigest = "D".repeat(43)
      const at = (index: number): typeof origin & { readonly at: number } => ({
        ...origin,
        at: clock() + index,
      })
      const events: readonly AuthEvent[] = [
        { ...at(0), type: "user.registered", userId },
        { ...at(1), type: "sign_in.refused", flow: "password", cause: "wrong_password", userId, emailDigest },
        { ...at(2), type: "session.ended", userId, sessionId, cause: "password_changed" },
        { ...at(3), type: "guard.refused", rule: 'hasRole("admin")', userId, cause: "role" },
        { ...at(4), type: "consent.given", userId, purpose: "newsletter", version: "2026-1" },
        { ...at(5), type: "password.changed", userId },
      ]
      const entries = events.map((event): AuditEntry => ({ at: event.at, event }))
      for (const entry of entries) await a.append(entry)
      assert.deepEqual(await entriesOf(b, { userId, limit: 10 }), [...entries].reverse())
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
          ...{ type: "limit.hit", realm: "main", at, address: "", userAgent: "" },
          ...{ limit: run, retryAfter: 30 },
        },
      }
      const [mine, others] = [signInEntry(userId, at), signInEntry(otherId, at)]
      for (const entry of [mine, others, nobodys]) await a.append(entry)
      assert.deepEqual(await entriesOf(b, { userId, limit: 10 }), [mine])
      assert.deepEqual(await entriesOf(b, { userId: otherId, limit: 10 }), [others])
      assert.deepEqual(await entriesOf(b, { userId: crypto.randomUUID(), limit: 10 }), [])
      assert.deepEqual(await entriesOf(b, { limit: 3 }), [nobodys, others, mine])
    },
  ),

  check("list is newest first, at most `limit`", async ({ a, b }, clock) => {
    const userId = crypto.randomUUID()
    const entries = Array.from({ length: 7 }, (_, index) => signInEntry(userId, clock() + index))
    for (const [index, entry] of entries.entries()) await (index % 2 ? a : b).append(entry)
    const newestFirst = [...entries].reverse()
    assert.deepEqual(await entriesOf(a, { userId, limit: 100 }), newestFirst)
    assert.deepEqual(await entriesOf(b, { userId, limit: 7 }), newestFirst)
    assert.deepEqual(await entriesOf(b, { userId, limit: 3 }), newestFirst.slice(0, 3))
    assert.deepEqual(await entriesOf(b, { limit: 7 }), newestFirst, "without a user too")
    assert.deepEqual(await entriesOf(a, { limit: 3 }), newestFirst.slice(0, 3))
  }),

  check(
    "the order is the one in which they were appended, whatever their instants say",
    async ({ a, b }, clock) => {
      const userId = crypto.randomUUID()
      const entries = [5, 5, 5, 3, 9].map((second) => signInEntry(userId, clock() + second))
      for (const entry of entries) await a.append(entry)
      assert.deepEqual(await entriesOf(b, { userId, limit: 5 }), [...entries].reverse())
    },
  ),

  check("what was handed in or out can be changed without changing the store", async ({ a }, clock) => {
    const userId = crypto.randomUUID()
    const entry = signInEntry(userId, clock())
    const untouched = structuredClone(entry)
    await a.append(entry)
    Reflect.set(entry, "at", 0)
    Reflect.set(entry.event, "userAgent", "scribbled")
    const [answer] = await a.list({ userId, limit: 1 })
    assert.deepEqual(answer && entryOf(answer), untouched)
    Reflect.set(Object(answer?.event), "userAgent", "scribbled")
    Reflect.set(Object(answer), "hash", "scribbled")
    assert.deepEqual(await entriesOf(a, { userId, limit: 1 }), [untouched])
    assert.equal((await a.verify()).ok, true)
  }),
]
