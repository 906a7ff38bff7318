import assert from "node:assert/strict"
import type { SessionRecord, SessionStore } from "../../stores/ports.js"
import type { AdjustableClock } from "../adjustable-clock.js"
import { type Check, check, sorted } from "../check.js"
import { sessionRecord } from "../fixtures.js"
import { race } from "../race.js"
import { assertStaysGone, grownOld, propagate } from "./lag.js"
import { assertGone, minute, opened, revised, type SessionBench } from "./opened.js"

/** Epochs and `deleteByUser` at two locations that see each other late. */
export const staleRevocationChecks: readonly Check<SessionBench>[] = [
  check("stale: the epoch is another after each revocation, everywhere", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    const epochs = [await a.epoch(userId)]
    for (const store of [a, b, a]) {
      await store.deleteByUser(userId)
      propagate(bench, clock)
      epochs.push(await a.epoch(userId))
      assert.equal(await b.epoch(userId), epochs.at(-1), "the same everywhere")
    }
    assert.equal(new Set(epochs).size, 4, `epochs ${epochs}`)
    for (const epoch of epochs.slice(0, 3)) {
      assert.equal(
        await b.insert(sessionRecord({ userId, createdAt: clock(), epoch })),
        false,
        "of an older epoch",
      )
    }
    const current = await opened(b, { userId, createdAt: clock(), epoch: epochs[3] ?? 0 })
    propagate(bench, clock)
    assert.deepEqual((await a.find(current.id))?.record, current, "a sign-in that began afterwards succeeds")
  }),

  check(
    "stale: deleteByUser ends the user's sessions, answers their ids, touches nobody else",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      const [userId, otherId] = [await newUserId(), await newUserId()]
      const records: SessionRecord[] = []
      for (const store of [a, b, a]) records.push(await opened(store, { userId, createdAt: clock() }))
      const others = await opened(b, { userId: otherId, createdAt: clock() })
      propagate(bench, clock)
      const ids = records.map(({ id }) => id)
      assert.deepEqual(sorted(await a.deleteByUser(userId)), sorted(ids))
      await assertStaysGone(bench, clock, userId, ids)
      assert.deepEqual(await b.deleteByUser(userId), [], "nothing was left to end")
      assert.deepEqual((await a.find(others.id))?.record, others)
      assert.equal(await b.epoch(otherId), 0)
    },
  ),

  check(
    "stale: deleteByUser ends what was opened elsewhere a moment before, seen or not",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      for (const createdAt of [clock(), clock() - 60 * minute]) {
        const userId = await newUserId()
        const record = await opened(b, { userId, createdAt })
        await b.find(record.id)
        clock.advance(1)
        await a.deleteByUser(userId)
        await assertStaysGone(bench, clock, userId, [record.id])
      }
    },
  ),

  check("stale: deleteByUser ends sign-ins under way", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    const epoch = await b.epoch(userId)
    await a.deleteByUser(userId)
    clock.advance(1)
    const record = sessionRecord({ userId, createdAt: clock(), epoch })
    await b.insert(record)
    await assertStaysGone(bench, clock, userId, [record.id])
  }),

  check(
    "stale: the excepted session goes on, however young, and can be renewed and ended",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      for (const isYoung of [true, false]) {
        const userId = await newUserId()
        const kept = await opened(a, { userId, createdAt: clock() })
        const ended = await opened(b, { userId, createdAt: clock() })
        if (!isYoung) await grownOld(bench, clock, [kept, ended])
        propagate(bench, clock)
        const before = (await a.find(kept.id))?.record ?? assert.fail("it is open")
        assert.deepEqual(await b.deleteByUser(userId, kept.id), [ended.id], "the excepted id did not end")
        for (let times = 0; times < 4; times += 1) {
          propagate(bench, clock)
          const found = (await a.find(kept.id)) ?? assert.fail("the excepted session ended")
          assert.deepEqual({ ...found.record, epoch: 0 }, before, "the excepted session changed")
          assert.deepEqual(await b.listByUser(userId), [found.record])
        }
        assert.equal(await b.replace(revised(before), before.revision), true, "it can be renewed")
        await assertGone([a, b], userId, [ended.id], "the others")
        assert.equal(await a.delete(kept.id), true, "and ended")
        await assertStaysGone(bench, clock, userId, [kept.id])
      }
    },
  ),

  check("stale: an exception made with an old view spares nothing that was revoked", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    const stolen = await opened(b, { userId, createdAt: clock() })
    clock.advance(1)
    await a.deleteByUser(userId)
    clock.advance(1)
    await b.deleteByUser(userId, stolen.id)
    await assertStaysGone(bench, clock, userId, [stolen.id])
  }),

  check("stale: an exception that is not the user's own protects nothing", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const [userId, otherId] = [await newUserId(), await newUserId()]
    const mine = await opened(a, { userId, createdAt: clock() })
    const others = await opened(a, { userId: otherId, createdAt: clock() })
    propagate(bench, clock)
    assert.deepEqual(await b.deleteByUser(userId, others.id), [mine.id])
    await assertStaysGone(bench, clock, userId, [mine.id])
    assert.deepEqual((await b.find(others.id))?.record, others)
  }),

  check("stale: revoke-all beats sign-ins and renewals of N parallel callers", async (bench, clock) => {
    for (let round = 0; round < 4; round += 1) await revokeAmong(bench, clock, round)
  }),
]

async function revokeAmong(bench: SessionBench, clock: AdjustableClock, round: number): Promise<void> {
  const { a, b, newUserId } = bench
  const userId = await newUserId()
  const before = await opened(a, { userId, createdAt: clock() })
  propagate(bench, clock)
  const ids = [before.id]
  const epoch = await a.epoch(userId)

  async function signIn(store: SessionStore): Promise<void> {
    const record = sessionRecord({ userId, createdAt: clock(), epoch })
    ids.push(record.id)
    await store.insert(record)
    clock.advance(1)
  }
  async function renew(store: SessionStore): Promise<void> {
    const found = (await store.find(before.id))?.record
    if (found) await store.replace(revised(found, { lastSeenAt: clock() }), found.revision)
  }
  const revoker = round * 5
  const act = async (store: SessionStore, index: number): Promise<unknown> => {
    if (index === revoker) return store.deleteByUser(userId)
    return index % 3 === 0 ? renew(store) : signIn(store)
  }
  await race(16, [(index) => act(a, index), (index) => act(b, index)])
  await assertStaysGone(bench, clock, userId, ids)
}
