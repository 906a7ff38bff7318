import assert from "node:assert/strict"
import type { SessionRecord } from "../../stores/ports.js"
import { type Check, check, sorted } from "../check.js"
import { sessionRecord } from "../fixtures.js"
import { assertGone, foundBy, opened, revised, type SessionBench } from "./opened.js"

/**
 * Epochs and `deleteByUser`, one step after the other. {@link sessionRaceChecks} runs them against each
 * other.
 */
export const sessionRevocationChecks: readonly Check<SessionBench>[] = [
  check("the epoch is the number of times that deleteByUser ran", async ({ a, b, newUserId }, clock) => {
    const [userId, otherId] = [await newUserId(), await newUserId()]
    assert.equal(await a.epoch(userId), 0)
    await a.deleteByUser(userId)
    assert.equal(await b.epoch(userId), 1, "a user without sessions is revoked too")
    const kept = await opened(a, { userId, createdAt: clock(), epoch: 1 })
    await b.deleteByUser(userId, kept.id)
    assert.equal(await a.epoch(userId), 2, "an excepted session does not stop the count")
    await b.deleteByUser(userId, "nobody's id")
    assert.equal(await b.epoch(userId), 3)
    assert.equal(await a.epoch(otherId), 0, "another user's epoch stays")
  }),

  check("insert refuses an epoch that is no longer the user's, and stores nothing", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    await a.deleteByUser(userId)
    await b.deleteByUser(userId)
    for (const epoch of [0, 1, 3]) {
      const record = sessionRecord({ userId, createdAt: clock(), epoch })
      assert.equal(await b.insert(record), false, `epoch ${epoch} while the user's is 2`)
      await assertGone([a, b], userId, [record.id], "after a refused insert")
      assert.equal(await a.replace(revised(record), 0), false, "a refused insert leaves nothing to replace")
    }
    const current = await opened(a, { userId, createdAt: clock(), epoch: 2 })
    assert.deepEqual(await foundBy([a, b], current.id), current, "a sign-in that began afterwards succeeds")
  }),

  check(
    "deleteByUser ends all sessions of the user, answers their ids, and touches nobody else",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      const [userId, otherId] = [await newUserId(), await newUserId()]
      const records: SessionRecord[] = []
      for (const store of [a, b, a, b]) records.push(await opened(store, { userId, createdAt: clock() }))
      const others = await opened(a, { userId: otherId, createdAt: clock() })
      const ids = records.map((record) => record.id)
      assert.deepEqual(sorted(await b.deleteByUser(userId)), sorted(ids))
      await assertGone([a, b], userId, ids, "after deleteByUser")
      for (const record of records) {
        assert.equal(await a.replace(revised(record), 0), false, "replace of an ended session")
        assert.equal(await a.delete(record.id), false, "an ended session cannot be ended again")
      }
      await assertGone([a, b], userId, ids, "after replace")
      assert.deepEqual(await a.deleteByUser(userId), [], "nothing was left to end")
      assert.deepEqual(await foundBy([a, b], others.id), others)
    },
  ),

  check(
    "the excepted session goes on; sign-ins under way fail nevertheless",
    async ({ a, b, newUserId }, clock) => {
      const userId = await newUserId()
      const kept = await opened(a, { userId, createdAt: clock() })
      const ended = await opened(b, { userId, createdAt: clock() })
      const underWay = sessionRecord({ userId, createdAt: clock(), epoch: await a.epoch(userId) })
      assert.deepEqual(await b.deleteByUser(userId, kept.id), [ended.id], "the excepted id did not end")
      assert.equal(await a.insert(underWay), false, "a sign-in under way")
      await assertGone([a, b], userId, [ended.id, underWay.id], "after deleteByUser with an exception")
      const found = (await foundBy([a, b], kept.id)) ?? assert.fail("the excepted session ended")
      assert.deepEqual({ ...found, epoch: 0 }, kept, "the excepted session changed")
      assert.deepEqual(await a.listByUser(userId), [found])
      assert.equal(
        await b.replace(revised(found), found.revision),
        true,
        "the excepted session can be renewed",
      )
      assert.equal(await a.delete(kept.id), true, "and ended")
    },
  ),

  check("an exception that is not the user's own protects nothing", async ({ a, b, newUserId }, clock) => {
    const [userId, otherId] = [await newUserId(), await newUserId()]
    const mine = await opened(a, { userId, createdAt: clock() })
    const others = await opened(a, { userId: otherId, createdAt: clock() })
    assert.deepEqual(await b.deleteByUser(userId, others.id), [mine.id])
    assert.equal(await foundBy([a, b], mine.id), undefined)
    assert.deepEqual(await foundBy([a, b], others.id), others)
    assert.equal(await a.epoch(otherId), 0)
  }),
]
