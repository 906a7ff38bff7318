import assert from "node:assert/strict"
import type { SessionRecord } from "../../stores/ports.js"
import { type Check, check } from "../check.js"
import { sessionRecord } from "../fixtures.js"
import { assertStaysGone, grownOld, propagate } from "./lag.js"
import { assertGone, minute, opened, revised, type SessionBench } from "./opened.js"
import { timelessRecordChecks } from "./records.js"

/** Single sessions at two locations that see each other late. */
export const staleRecordChecks: readonly Check<SessionBench>[] = [
  check("stale: staleness is a number of seconds above 0, the same for both instances", async ({ a, b }) => {
    assert.ok(Number.isFinite(a.staleness) && a.staleness > 0, `staleness is ${a.staleness}`)
    assert.equal(a.staleness, b.staleness)
  }),

  ...timelessRecordChecks,

  check("stale: a new session is found and listed everywhere, field by field", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    const claims = { name: 'é "q" 🔐', nested: { list: [1, null, {}] } }
    const fields = { claims, methods: ["pwd", "otp"], address: "2001:db8::1", userAgent: "x".repeat(256) }
    const older = await opened(a, { userId, createdAt: clock() - minute, ...fields })
    const newer = await opened(b, { userId, createdAt: clock() })
    await opened(a, { userId: await newUserId(), createdAt: clock() })
    propagate(bench, clock)
    for (const store of [a, b]) {
      assert.deepEqual((await store.find(older.id))?.record, older)
      assert.deepEqual((await store.find(newer.id))?.record, newer)
      assert.deepEqual(await store.listByUser(userId), [newer, older], "newest first, and nobody else's")
    }
  }),

  check("stale: over at expiresAt, to the millisecond, whatever is written", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    const end = clock() + a.staleness * 1000 + minute
    const record = await opened(a, { userId, createdAt: clock(), expiresAt: end })
    propagate(bench, clock)
    clock.set(end - 1)
    for (const store of [a, b]) {
      assert.deepEqual((await store.find(record.id))?.record, record, "one millisecond before")
    }
    clock.set(end)
    for (const store of [a, b]) {
      assert.equal(await store.replace(revised(record, { expiresAt: end + minute }), 0), false)
      assert.equal(await store.delete(record.id), false, "delete of an expired session ends nothing")
    }
    await assertGone([a, b], userId, [record.id], "at expiresAt")
    assert.deepEqual(await b.deleteByUser(userId), [], "nothing that was live ended")
  }),

  check(
    "stale: a renewal is seen everywhere, and the session lasts as long as it says",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      const userId = await newUserId()
      const lasts = 10 * a.staleness * 1000
      const record = await opened(a, { userId, createdAt: clock(), expiresAt: clock() + lasts })
      let current = record
      for (const store of [a, b, a, b]) {
        propagate(bench, clock)
        const next = revised(current, { lastSeenAt: clock(), expiresAt: clock() + lasts })
        assert.equal(await store.replace(next, current.revision + 1), false, "the revision is another")
        assert.equal(await store.replace(next, current.revision), true)
        current = next
      }
      propagate(bench, clock)
      for (const store of [a, b]) assert.deepEqual((await store.find(record.id))?.record, current)
      clock.set(current.expiresAt - 1)
      assert.ok(await b.find(record.id), "one millisecond before its end")
      clock.advance(1)
      await assertGone([a, b], userId, [record.id], "at its end")
    },
  ),

  check("stale: delete ends one session everywhere, once the staleness has passed", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    const record = await opened(a, { userId, createdAt: clock() })
    const other = await opened(b, { userId, createdAt: clock() })
    propagate(bench, clock)
    assert.equal(await b.delete(record.id), true)
    propagate(bench, clock)
    await assertGone([a, b], userId, [record.id], "after the staleness")
    for (const store of [a, b]) {
      assert.equal(await store.delete(record.id), false)
      assert.equal(await store.replace(revised(record), 0), false)
      assert.deepEqual((await store.find(other.id))?.record, other, "the user's other session goes on")
    }
    propagate(bench, clock)
    await assertGone([a, b], userId, [record.id], "after replace")
  }),

  check(
    "stale: a renewal or rotation with an old view brings no ended session back",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      for (const lastsLong of [false, true]) {
        const userId = await newUserId()
        const [one, other] = [
          await opened(a, { userId, createdAt: clock() }),
          await opened(a, { userId, createdAt: clock() }),
        ]
        if (lastsLong) await grownOld(bench, clock, [one, other])
        propagate(bench, clock)
        assert.equal(await a.delete(one.id), true)
        await a.deleteByUser(userId)
        for (const { id } of [one, other]) {
          const seen = (await b.find(id))?.record
          if (seen === undefined) continue
          await b.replace(
            revised(seen, { lastSeenAt: clock(), expiresAt: seen.expiresAt + minute }),
            seen.revision,
          )
          const again = (await b.find(id))?.record ?? seen
          await b.replace(revised(again, { secretHash: sessionRecord().secretHash }), again.revision)
        }
        await assertStaysGone(bench, clock, userId, [one.id, other.id])
      }
    },
  ),

  check(
    "stale: a secret that was rotated away stays away, whoever renews with an old view",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      const record = await opened(a, { userId: await newUserId(), createdAt: clock() })
      propagate(bench, clock)
      const secretHash = sessionRecord().secretHash
      const rotated = revised(record, { secretHash, lastSeenAt: clock() })
      assert.equal(await a.replace(rotated, 0), true)
      for (let times = 0; times < 2; times += 1) {
        const seen = (await b.find(record.id))?.record
        if (seen) await b.replace(revised(seen, { lastSeenAt: clock() + times }), seen.revision)
      }
      for (let times = 0; times < 3; times += 1) {
        propagate(bench, clock)
        for (const store of [a, b]) assert.equal((await store.find(record.id))?.record.secretHash, secretHash)
      }
    },
  ),

  check(
    "stale: what was handed in or out can be changed without changing the store",
    async (bench, clock) => {
      const { a, newUserId } = bench
      const userId = await newUserId()
      const record = sessionRecord({
        userId,
        createdAt: clock(),
        claims: { role: "member" },
        methods: ["pwd"],
      })
      const untouched = structuredClone(record)
      await a.insert(record)
      scribble(record)
      propagate(bench, clock)
      for (const answer of [(await a.find(record.id))?.record, (await a.listByUser(userId))[0]]) {
        assert.deepEqual(answer, untouched)
        scribble(answer)
      }
      assert.deepEqual((await a.find(record.id))?.record, untouched)
    },
  ),
]

function scribble(record: SessionRecord | undefined): void {
  if (record === undefined) assert.fail("the session is missing")
  for (const target of [record, record.claims, record.methods]) Reflect.set(target, 0, "scribbled")
  Reflect.set(record.claims, "role", "admin")
}
