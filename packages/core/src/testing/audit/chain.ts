import assert from "node:assert/strict"
import type { AuditEntry, AuditMark, AuditStore } from "../../stores/ports.js"
import { type Check, check } from "../check.js"
import { signInEntry } from "../fixtures.js"
import { race } from "../race.js"
import { type AuditBench, entryOf, markOf, type TamperedField } from "./bench.js"

const fields: readonly TamperedField[] = [
  ...(["at", "type", "realm", "userId", "emailDigest"] as const),
  ...(["address", "userAgent", "details", "hash"] as const),
]

/** That each record has a number and a hash, and that nothing can be done to the log without being found. */
export const auditChainChecks: readonly Check<AuditBench>[] = [
  check(
    "of N parallel callers each gets a number of its own, without gaps, nothing is lost or doubled, and the log verifies",
    async ({ a, b }, clock) => {
      await a.append(signInEntry(crypto.randomUUID(), clock()))
      const [first] = await b.list({ limit: 1 })
      const userId = crypto.randomUUID()
      const entries = Array.from({ length: 64 }, (_, index) => signInEntry(userId, clock() + index))
      const append = (store: AuditStore, index: number): Promise<void> =>
        store.append(entries[index] ?? signInEntry(userId))
      await race(64, [(i) => append(a, i), (i) => append(b, i)])
      const kept = [...(await b.list({ userId, limit: 100 }))].reverse()
      const numbers = entries.map((_, index) => (first?.number ?? 0) + 1 + index)
      assert.deepEqual(
        kept.map(({ number }) => number),
        numbers,
      )
      const byInstant = kept.map(entryOf).sort((one, other) => one.at - other.at)
      assert.deepEqual(byInstant, entries)
      assert.equal(new Set(kept.map(({ hash }) => hash)).size, 64)
      assert.deepEqual(await a.verify(), { ok: true, records: numbers.at(-1), last: kept.map(markOf).at(-1) })
    },
  ),

  check(
    "verify answers the last record; from a mark on, how many came behind it",
    async ({ a, b }, clock) => {
      const marks = await appended(a, 5, clock())
      const [first, last] = [marks.at(0), marks.at(-1)]
      assert.match(last?.hash ?? "", /^[\w-]{43}$/)
      const whole = await b.verify()
      assert.deepEqual(whole, { ok: true, records: last?.number, last })
      assert.deepEqual(await b.verify(first), { ok: true, records: 4, last })
      assert.deepEqual(await b.verify(last), { ok: true, records: 0, last })
      await a.append(signInEntry(crypto.randomUUID(), clock()))
      const later = await b.verify(last)
      assert.deepEqual(later.ok && later.records, 1)
    },
  ),

  check("a record that was changed is found and named, whatever of it", async ({ a, b, tamper }, clock) => {
    const [, mark] = await appended(a, 3, clock())
    const { number } = required(mark)
    for (const field of fields) {
      const undo = await tamper.change(number, field)
      assert.deepEqual(await b.verify(), { ok: false, number, fault: "changed" }, field)
      await undo()
      assert.equal((await b.verify()).ok, true, `${field}, put back`)
    }
  }),

  check("of several that were changed the first is named", async ({ a, b, tamper }, clock) => {
    const [, second, third, fourth] = await appended(a, 5, clock())
    const undos = [await tamper.change(required(fourth).number, "realm")]
    undos.push(await tamper.change(required(second).number, "address"))
    undos.push(await tamper.remove(required(third).number))
    assert.deepEqual(await b.verify(), { ok: false, number: required(second).number, fault: "changed" })
    assert.equal((await b.verify(second)).ok, false, "from a mark on")
    for (const undo of undos.reverse()) await undo()
  }),

  check(
    "a record that was taken out is found and named, wherever it was",
    async ({ a, b, tamper }, clock) => {
      const marks = await appended(a, 4, clock())
      const everything = await a.list({ limit: 100_000 })
      for (const { number } of [required(everything.at(-1)), ...marks.slice(1)]) {
        const undo = await tamper.remove(number)
        assert.deepEqual(await b.verify(), { ok: false, number, fault: "missing" })
        await undo()
        assert.equal((await b.verify()).ok, true)
      }
    },
  ),

  check("a mark finds what was cut off at the end, or put in its place", async ({ a, b, tamper }, clock) => {
    const [before, removed, last] = await appended(a, 3, clock())
    const undo = await tamper.cutEnd(required(removed).number)
    assert.deepEqual(await b.verify(), { ok: true, records: required(before).number, last: before })
    assert.deepEqual(await b.verify(last), { ok: false, number: required(last).number, fault: "missing" })
    await appended(a, 2, clock())
    assert.equal((await b.verify()).ok, true, "the log is a whole one")
    assert.deepEqual(await b.verify(last), { ok: false, number: required(last).number, fault: "changed" })
    assert.equal((await b.verify(before)).ok, true)
    await undo()
    assert.equal((await b.verify(last)).ok, true)
  }),

  check(
    "a mark finds what was cut off at the front; without, the log goes on from its start",
    async (bench, clock) => {
      const { a, b, tamper } = bench
      const [first, second, third, last] = await appended(a, 4, clock())
      const undo = await tamper.cutFront(required(second).number)
      assert.deepEqual(await b.verify(), { ok: true, records: 2, last })
      assert.deepEqual(await b.verify(first), { ok: false, number: required(first).number, fault: "missing" })
      assert.equal((await b.verify(second)).ok, true, "the log begins behind it")
      assert.deepEqual(await b.verify(third), { ok: true, records: 1, last })
      await undo()
    },
  ),
]

/** Records with something in every field; answers their marks. */
async function appended(store: AuditStore, count: number, at: number): Promise<readonly AuditMark[]> {
  const userId = crypto.randomUUID()
  for (let index = 0; index < count; index += 1) {
    const event: AuditEntry["event"] = {
      ...{ type: "sign_in.refused", realm: "main", at: at + index, address: "192.0.2.1", userAgent: "kit" },
      ...{ flow: "password", cause: "wrong_password", userId, emailDigest: "D".repeat(43) },
    }
    await store.append({ at: event.at, event })
  }
  return [...(await store.list({ userId, limit: count }))].reverse().map(markOf)
}

function required<T>(value: T | undefined): T {
  assert.ok(value !== undefined, "the log lists less than was appended")
  return value
}
