import assert from "node:assert/strict"
import { type Check, check, realTime, realTimeCheck, sorted } from "../check.js"
import { foundBy, minute, opened, revised, type SessionBench } from "./opened.js"

/** Expiry of a session: to the millisecond, for every method, whatever the backend still keeps. */
export const sessionExpiryChecks: readonly Check<SessionBench>[] = [
  check(
    "find: there one millisecond before expiresAt, gone at expiresAt",
    async ({ a, b, newUserId }, clock) => {
      const record = await opened(a, {
        userId: await newUserId(),
        createdAt: clock(),
        expiresAt: clock() + minute,
      })
      clock.advance(minute - 1)
      assert.deepEqual(await foundBy([a, b], record.id), record, "one millisecond before")
      clock.advance(1)
      assert.equal(await foundBy([a, b], record.id), undefined, "at expiresAt")
    },
  ),

  check("listByUser leaves out what has expired, to the millisecond", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    const short = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + minute })
    const long = await opened(b, { userId, createdAt: clock() - 1, expiresAt: clock() + 2 * minute })
    clock.advance(minute - 1)
    assert.deepEqual(await b.listByUser(userId), [short, long], "one millisecond before")
    clock.advance(1)
    assert.deepEqual(await b.listByUser(userId), [long], "at expiresAt")
    assert.deepEqual(await a.listByUser(userId), [long], "at expiresAt, other instance")
  }),

  check(
    "replace renews one millisecond before expiresAt, resurrects nothing at expiresAt",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      const userId = await newUserId()
      const expiresAt = clock() + minute
      const renewed = await opened(a, { userId, createdAt: clock(), expiresAt })
      const missed = await opened(a, { userId, createdAt: clock(), expiresAt })
      clock.advance(minute - 1)
      const later = expiresAt + 5 * minute
      assert.equal(await b.replace(revised(renewed, { expiresAt: later }), 0), true, "one millisecond before")
      clock.advance(1)
      assert.equal(await b.replace(revised(missed, { expiresAt: later }), 0), false, "at expiresAt")
      assert.equal(await foundBy([a, b], missed.id), undefined, "replace resurrected an expired session")
      clock.set(later - 1)
      assert.ok(await foundBy([a, b], renewed.id), "the renewed session lasts until its new expiresAt")
      assert.deepEqual(
        (await a.listByUser(userId)).map((record) => record.id),
        [renewed.id],
      )
      clock.set(later)
      assert.equal(await foundBy([a, b], renewed.id), undefined, "and not longer")
    },
  ),

  check("replace can bring the expiry nearer", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    const record = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + 5 * minute })
    assert.equal(await b.replace(revised(record, { expiresAt: clock() + minute }), 0), true)
    clock.advance(minute)
    assert.equal(await foundBy([a, b], record.id), undefined)
    assert.deepEqual(await a.listByUser(userId), [])
  }),

  check("delete and deleteByUser end what lives and do not count what has expired", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    const expired = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + minute })
    const alsoExpired = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + minute })
    const alive = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + minute + 1 })
    clock.advance(minute)
    assert.equal(await b.delete(expired.id), false, "delete of an expired session ends nothing")
    assert.deepEqual(await b.deleteByUser(userId), [alive.id], "deleteByUser answers the live ids that ended")
    assert.equal(await a.epoch(userId), 1)
    assert.equal(await foundBy([a, b], alsoExpired.id), undefined)
  }),

  check("an excepted session that has expired is not brought back", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    const expired = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + minute })
    const alive = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + 2 * minute })
    clock.advance(minute)
    assert.deepEqual(sorted(await b.deleteByUser(userId, expired.id)), [alive.id])
    assert.equal(await foundBy([a, b], expired.id), undefined)
    assert.deepEqual(await a.listByUser(userId), [])
  }),

  realTimeCheck("in real time: there before expiresAt, gone at expiresAt", async ({ a, b, newUserId }) => {
    const userId = await newUserId()
    const now = Date.now()
    const short = await opened(a, { userId, createdAt: now, expiresAt: now + 1_500 })
    const long = await opened(a, { userId, createdAt: now - 1 })
    await realTime(short.expiresAt - 700)
    const early = await b.find(short.id)
    if (Date.now() < short.expiresAt) assert.deepEqual(early?.record, short, "before expiresAt")
    await realTime(short.expiresAt)
    assert.equal(await foundBy([a, b], short.id), undefined, "at expiresAt")
    assert.equal(await b.replace(revised(short, { expiresAt: long.expiresAt }), 0), false)
    assert.deepEqual(await b.listByUser(userId), [long])
    assert.deepEqual(await b.deleteByUser(userId), [long.id])
  }),
]
