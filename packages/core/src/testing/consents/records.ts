import assert from "node:assert/strict"
import type { ConsentRecord, ConsentStore } from "../../stores/ports.js"
import { type Check, check, type OwnedBench } from "../check.js"
import { race } from "../race.js"

/** What a history of consents keeps. */
export const consentRecordChecks: readonly Check<OwnedBench<ConsentStore>>[] = [
  check(
    "what is appended through one instance is read through the other, field by field, oldest first",
    async ({ a, b, newUserId }, clock) => {
      const userId = await newUserId()
      const records = [
        consent(userId, clock(), { purpose: 'the "é 🔐" \\ %s' }),
        consent(userId, clock() + 1, { given: false, version: "x".repeat(64) }),
        consent(userId, clock() + 2, { purpose: "x".repeat(64) }),
      ]
      for (const record of records) await a.append(record)
      assert.deepEqual(await b.listByUser(userId), records)
    },
  ),

  check("a later answer takes the place of no earlier one", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    const answers = [true, true, false, true, false]
    // The same words at the same instant, too: a click that came twice is two records.
    const records = answers.map((given) => consent(userId, clock(), { given }))
    for (const record of records) await a.append(record)
    assert.deepEqual(await b.listByUser(userId), records)
  }),

  check("the order is by instant, within one as they were written", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    const [late, early, same] = [
      consent(userId, clock() + 5, { version: "late" }),
      consent(userId, clock(), { version: "early" }),
      consent(userId, clock() + 5, { version: "same" }),
    ]
    for (const record of [late, early, same]) await a.append(record)
    assert.deepEqual(await b.listByUser(userId), [early, late, same])
  }),

  check("users are kept apart; of nobody there is nothing", async ({ a, b, newUserId }, clock) => {
    const [userId, otherId] = [await newUserId(), await newUserId()]
    const [mine, others] = [consent(userId, clock()), consent(otherId, clock())]
    await a.append(mine)
    await a.append(others)
    assert.deepEqual(await b.listByUser(userId), [mine])
    assert.deepEqual(await b.listByUser(otherId), [others])
    for (const id of [crypto.randomUUID(), "", userId.toUpperCase(), `${userId} `]) {
      assert.deepEqual(await b.listByUser(id), [], id)
    }
  }),

  check(
    "deleteByUser removes the user's and no other, and counts them",
    async ({ a, b, newUserId }, clock) => {
      const [userId, otherId] = [await newUserId(), await newUserId()]
      const others = consent(otherId, clock())
      await a.append(others)
      for (const given of [true, false, true]) await a.append(consent(userId, clock(), { given }))
      assert.equal(await b.deleteByUser(userId), 3)
      assert.deepEqual(await a.listByUser(userId), [])
      assert.equal(await a.deleteByUser(userId), 0)
      assert.equal(await a.deleteByUser(crypto.randomUUID()), 0)
      assert.deepEqual(await a.listByUser(otherId), [others])
    },
  ),

  check("nothing is lost or doubled among N parallel callers", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    const records = Array.from({ length: 32 }, (_, index) => consent(userId, clock() + index))
    const append = async (store: ConsentStore, index: number): Promise<void> => {
      await store.append(records[index] ?? consent(userId, 0))
    }
    await race(32, [(i) => append(a, i), (i) => append(b, i)])
    assert.deepEqual(await b.listByUser(userId), records)
  }),

  check("deleteByUser: of N parallel callers each record is counted by one", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    for (let index = 0; index < 8; index += 1) await a.append(consent(userId, clock() + index))
    const counts = await race(16, [() => a.deleteByUser(userId), () => b.deleteByUser(userId)])
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      8,
    )
    assert.deepEqual(await b.listByUser(userId), [])
  }),

  check(
    "what was handed in or out can be changed without changing the store",
    async ({ a, newUserId }, clock) => {
      const record = consent(await newUserId(), clock())
      const untouched = structuredClone(record)
      await a.append(record)
      Reflect.set(record, "given", false)
      const answer = await a.listByUser(record.userId)
      assert.deepEqual(answer, [untouched])
      Reflect.set(Object(answer[0]), "given", false)
      Reflect.set(answer, 0, undefined)
      assert.deepEqual(await a.listByUser(record.userId), [untouched])
    },
  ),
]

function consent(userId: string, at: number, overrides: Partial<ConsentRecord> = {}): ConsentRecord {
  return { userId, purpose: "newsletter", version: "2026-1", given: true, at, ...overrides }
}
