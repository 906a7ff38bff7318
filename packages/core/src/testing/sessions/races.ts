import assert from "node:assert/strict"
import type { SessionRecord, SessionStore } from "../../stores/ports.js"
import { assertOneWinner, type Check, check, sorted } from "../check.js"
import { sessionRecord } from "../fixtures.js"
import { race } from "../race.js"
import { assertGone, foundBy, minute, opened, revised, type SessionBench } from "./opened.js"

/** What holds when many callers meet at one session or one user, half of them on each of two instances. */
export const sessionRaceChecks: readonly Check<SessionBench>[] = [
  check("replace: exactly one of N parallel callers with one revision gets true", async (bench, clock) => {
    const { a, b, newUserId } = bench
    const userId = await newUserId()
    for (let round = 0; round < 6; round += 1) {
      const record = await opened(a, { userId, createdAt: clock() })
      const next = (index: number): SessionRecord => revised(record, { claims: { winner: index } })
      const answers = await race(32, [(i) => a.replace(next(i), 0), (i) => b.replace(next(i), 0)])
      assertOneWinner(answers, "replace")
      assert.deepEqual(
        await foundBy([a, b], record.id),
        next(answers.indexOf(true)),
        "the winner's record stays",
      )
    }
  }),

  check("find and replace lose no revision among N parallel callers", async ({ a, b, newUserId }, clock) => {
    const record = await opened(a, { userId: await newUserId(), createdAt: clock() })
    const addOne = async (store: SessionStore): Promise<void> => {
      for (let attempt = 0; attempt < 1_000; attempt += 1) {
        const { record: current } = (await store.find(record.id)) ?? assert.fail("the session vanished")
        const count = Number(current.claims.count ?? 0) + 1
        if (await store.replace(revised(current, { claims: { count } }), current.revision)) return
      }
      assert.fail("no replace succeeded in 1,000 attempts")
    }
    await race(16, [() => addOne(a), () => addOne(b)])
    assert.deepEqual(await foundBy([a, b], record.id), { ...record, revision: 16, claims: { count: 16 } })
  }),

  check("delete: true for exactly one of N parallel callers", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    for (let round = 0; round < 6; round += 1) {
      const { id } = await opened(a, { userId, createdAt: clock() })
      assertOneWinner(await race(32, [() => a.delete(id), () => b.delete(id)]), "delete")
      assert.equal(await foundBy([a, b], id), undefined)
    }
  }),

  check(
    "insert: of N parallel callers with one id one gets true, the others reject",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      const userId = await newUserId()
      const record = sessionRecord({ userId, createdAt: clock() })
      const copy = (index: number): SessionRecord => ({
        ...record,
        secretHash: String(index).padStart(43, "A"),
      })
      const attempt = async (store: SessionStore, index: number): Promise<string> =>
        store.insert(copy(index)).then(String, () => "rejected")
      const answers = await race(16, [(i) => attempt(a, i), (i) => attempt(b, i)])
      assert.deepEqual(sorted(answers), [...Array(15).fill("rejected"), "true"])
      const winner = copy(answers.indexOf("true"))
      assert.deepEqual(await foundBy([a, b], record.id), winner, "the first one's record stays")
      assert.deepEqual(await a.listByUser(userId), [winner])
    },
  ),

  check("delete against replace: nobody resurrects an ended session", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    for (let round = 0; round < 8; round += 1) {
      const record = await opened(a, { userId, createdAt: clock() })
      let ended = 0
      const end = async (store: SessionStore): Promise<void> => {
        if (await store.delete(record.id)) ended += 1
        await assertGone([a, b], userId, [record.id], "while others still replace")
      }
      const renew = (store: SessionStore): Promise<void> => renewUntilRefused(store, record)
      await race(24, [
        () => renew(a),
        () => renew(b),
        () => end(a),
        () => renew(b),
        () => renew(a),
        () => end(b),
      ])
      assert.equal(ended, 1, "delete is true for exactly one caller")
      await assertGone([a, b], userId, [record.id], "after the race")
    }
  }),

  check(
    "deleteByUser: every one of N parallel callers counts, every session ends once",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      for (let round = 0; round < 4; round += 1) {
        const userId = await newUserId()
        const ids: string[] = []
        for (let count = 0; count < 8; count += 1)
          ids.push((await opened(a, { userId, createdAt: clock() })).id)
        const answers = await race(16, [() => a.deleteByUser(userId), () => b.deleteByUser(userId)])
        assert.deepEqual(sorted(answers.flat()), sorted(ids), "each session ends in exactly one of the calls")
        assert.equal(await b.epoch(userId), 16, "a call was not counted")
        await assertGone([a, b], userId, ids, "after the race")
      }
    },
  ),

  ...[16, 32, 64].map((callers) =>
    check<SessionBench>(
      `deleteByUser against ${callers} parallel inserts and replaces: no session of the older epoch survives`,
      async (bench, clock) => {
        for (let round = 0; round < 6; round += 1) await revokeAgainstSignIns(bench, clock(), callers, round)
      },
    ),
  ),

  check(
    "deleteByUser with an exception against its renewal: it goes on with every renewal",
    async (bench, clock) => {
      for (let round = 0; round < 6; round += 1) await revokeOthersAgainstRenewal(bench, clock())
    },
  ),
]

interface SignIns {
  readonly stored: string[]
  readonly refused: string[]
}

/**
 * Sign-ins that all began with the same epoch, renewals of sessions that were open before, and one revocation
 * among them. Looks right after `deleteByUser` has answered, while the others still run, and again when all
 * have ended.
 */
async function revokeAgainstSignIns(
  bench: SessionBench,
  now: number,
  callers: number,
  round: number,
): Promise<void> {
  const { a, b, newUserId } = bench
  const [userId, bystanderId] = [await newUserId(), await newUserId()]
  const epoch = await a.epoch(userId)
  const before: SessionRecord[] = []
  for (let count = 0; count < 6; count += 1)
    before.push(await opened(count % 2 ? a : b, { userId, createdAt: now }))
  const bystander = await opened(a, { userId: bystanderId, createdAt: now })
  const signIns: SignIns = { stored: before.map((record) => record.id), refused: [] }
  let ended: readonly string[] = []

  const signIn = async (store: SessionStore): Promise<void> => {
    for (let count = 0; count < 2; count += 1) {
      const record = sessionRecord({ userId, createdAt: now, epoch })
      const kind = (await store.insert(record)) ? "stored" : "refused"
      signIns[kind].push(record.id)
    }
  }
  const revoke = async (store: SessionStore): Promise<void> => {
    ended = await store.deleteByUser(userId)
    assert.deepEqual(
      await a.listByUser(userId),
      [],
      "listByUser right after deleteByUser answered, one instance",
    )
    assert.deepEqual(
      await b.listByUser(userId),
      [],
      "listByUser right after deleteByUser answered, other instance",
    )
    for (const id of ended)
      assert.equal(await a.find(id), undefined, "find right after deleteByUser answered")
  }

  const revoker = (round * 5 + 3) % callers
  const act = async (store: SessionStore, index: number): Promise<void> => {
    const renewed = index % 4 === 3 ? before[(index >> 2) % before.length] : undefined
    if (index === revoker) await revoke(store)
    else if (renewed) await renewUntilRefused(store, renewed)
    else await signIn(store)
  }
  await race(callers, [(index) => act(a, index), (index) => act(b, index)])

  await assertGone([a, b], userId, [...signIns.stored, ...signIns.refused], "after the race")
  assert.deepEqual(
    sorted(ended),
    sorted(signIns.stored),
    "deleteByUser answers exactly the sessions that ever were",
  )
  assert.equal(await b.epoch(userId), epoch + 1)
  await opened(b, { userId, createdAt: now, epoch: epoch + 1 })
  assert.deepEqual(await foundBy([a, b], bystander.id), bystander, "another user's session goes on")
}

async function revokeOthersAgainstRenewal({ a, b, newUserId }: SessionBench, now: number): Promise<void> {
  const userId = await newUserId()
  const kept = await opened(a, { userId, createdAt: now })
  const others: string[] = []
  for (let count = 0; count < 4; count += 1) others.push((await opened(b, { userId, createdAt: now })).id)
  let renewals = 0
  const renew = async (store: SessionStore): Promise<void> => {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const { record } = (await store.find(kept.id)) ?? assert.fail("the excepted session vanished")
      if (await store.replace(revised(record, { lastSeenAt: now + attempt }), record.revision)) renewals += 1
    }
  }
  const revoke = async (store: SessionStore): Promise<void> => {
    const ended = await store.deleteByUser(userId, kept.id)
    assert.deepEqual(ended.includes(kept.id), false, "the excepted session was reported as ended")
  }
  await race(16, [() => renew(a), () => renew(b), () => renew(a), () => revoke(b)])
  const found = (await foundBy([a, b], kept.id)) ?? assert.fail("the excepted session ended")
  assert.equal(found.revision, renewals, "deleteByUser undid a renewal")
  assert.deepEqual(await a.listByUser(userId), [found])
  await assertGone([a, b], userId, others, "after the race")
}

/** Renews as fast as the store answers, until the session has ended or six renewals were tried. */
async function renewUntilRefused(store: SessionStore, record: SessionRecord): Promise<void> {
  let current = record
  for (let count = 0; count < 6; count += 1) {
    const next = revised(current, { expiresAt: current.expiresAt + minute })
    if (!(await store.replace(next, current.revision)) && (await store.find(record.id)) === undefined) return
    current = (await store.find(record.id))?.record ?? next
  }
}
