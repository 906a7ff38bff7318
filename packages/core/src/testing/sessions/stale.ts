import assert from "node:assert/strict"
import type { SessionRecord, SessionStore } from "../../stores/ports.js"
import type { AdjustableClock } from "../adjustable-clock.js"
import { type Check, check, sorted } from "../check.js"
import { sessionRecord } from "../fixtures.js"
import { race } from "../race.js"
import { assertGone, minute, opened, revised, type SessionBench } from "./opened.js"
import { timelessRecordChecks } from "./records.js"

/**
 * What the port promises of a {@link SessionStore} whose `staleness` is above 0. `a` and `b` are two locations, and
 * what one writes the other, and even itself, may not see until so many seconds have passed by the check's clock.
 * From then on what was ended is ended for everybody, whatever was written meanwhile by somebody who had not seen it;
 * and what was not ended is there.
 *
 * A store that lags behind the machine's clock instead of the given one cannot be held to these checks: put what lags
 * into a double that goes by the clock, as the adapter for Workers KV does.
 */
export const staleSessionStoreChecks: readonly Check<SessionBench>[] = [
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

  check("stale: revoke-all beats sign-ins and renewals of N parallel callers", async (bench, clock) => {
    for (let round = 0; round < 4; round += 1) await revokeAmong(bench, clock, round)
  }),
]

/** Lets what was written reach every location. */
function propagate({ a }: SessionBench, clock: AdjustableClock): void {
  clock.advance(a.staleness * 1000)
}

/** Uses sessions for so long, at both locations, that nothing about them is new any more. */
async function grownOld(
  bench: SessionBench,
  clock: AdjustableClock,
  records: readonly SessionRecord[],
): Promise<void> {
  for (let times = 0; times < 6; times += 1) {
    propagate(bench, clock)
    for (const { id } of records) for (const store of [bench.a, bench.b]) await store.find(id)
  }
}

/** From now and the staleness on, and for ever. */
async function assertStaysGone(
  bench: SessionBench,
  clock: AdjustableClock,
  userId: string,
  ids: readonly string[],
): Promise<void> {
  for (let times = 1; times <= 6; times += 1) {
    propagate(bench, clock)
    await assertGone([bench.a, bench.b], userId, ids, `after ${times} times the staleness`)
  }
}

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

function scribble(record: SessionRecord | undefined): void {
  if (record === undefined) assert.fail("the session is missing")
  for (const target of [record, record.claims, record.methods]) Reflect.set(target, 0, "scribbled")
  Reflect.set(record.claims, "role", "admin")
}
