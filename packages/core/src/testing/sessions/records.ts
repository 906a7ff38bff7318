import assert from "node:assert/strict"
import type { SessionRecord } from "../../stores/ports.js"
import { type Check, check, sorted } from "../check.js"
import { sessionRecord } from "../fixtures.js"
import { foundBy, minute, opened, revised, type SessionBench } from "./opened.js"

/** Ids that no store made: an id arrives from outside, so a store must answer "none", not fail. */
const strangeIds: readonly string[] = [
  "",
  "x",
  "nobody",
  'it\'s "me"; --',
  "*",
  "__proto__",
  "é🔐",
  "x".repeat(300),
]

/** Fields that break careless encoders. */
const oddRecords: readonly Partial<SessionRecord>[] = [
  { realm: "admin", methods: [], epoch: 0 },
  {
    methods: ["pwd", "otp", "hwk"],
    address: "2001:db8::1",
    userAgent: 'Mozilla/5.0 ("quoted"; \\ it\'s), $1 %s'.padEnd(256, "x"),
  },
  { userAgent: "agent | with : every , common ; separator \t\n and é 中 🔐" },
  {
    claims: {
      name: "é\u0301 \"q\" 'q' \\ \n \u2028 🔐",
      nothing: null,
      yes: true,
      no: false,
      empty: "",
      list: [1, [], {}],
    },
  },
  {
    claims: {
      whole: 9_007_199_254_740_991,
      negative: -1.5,
      tiny: 5e-324,
      huge: 1.5e300,
      deep: { a: { b: [{ c: null }] } },
    },
  },
  { claims: { long: "x".repeat(2_000) } },
  { claims: { many: "é🔐".repeat(300) } },
]

/** What is unknown is so for every store, however much its reads lag. */
export const timelessRecordChecks: readonly Check<SessionBench>[] = [
  check("unknown ids: no session, nothing to replace, nothing to end", async ({ a, newUserId }) => {
    const userId = await newUserId()
    const stranger = sessionRecord({ userId })
    assert.equal(await a.find(stranger.id), undefined)
    assert.equal(await a.delete(stranger.id), false)
    assert.equal(await a.replace(revised(stranger), 0), false)
    assert.equal(await a.find(stranger.id), undefined, "a refused replace creates nothing")
    assert.deepEqual(await a.listByUser(userId), [])
    assert.deepEqual(await a.deleteByUser(userId), [])
  }),

  check("ids of any shape from outside are unknown, not a failure", async ({ a }) => {
    for (const id of strangeIds) {
      const shown = JSON.stringify(id.slice(0, 40))
      assert.equal(await a.find(id), undefined, `find ${shown}`)
      assert.equal(await a.delete(id), false, `delete ${shown}`)
    }
  }),

  check("unknown users have epoch 0 and no sessions", async ({ a, b }) => {
    const nobody = crypto.randomUUID()
    assert.equal(await a.epoch(nobody), 0)
    assert.deepEqual(await b.listByUser(nobody), [])
    assert.deepEqual(await b.deleteByUser(nobody), [])
  }),
]

/** What each method of a {@link SessionStore} answers while nothing expires and nobody interferes. */
export const sessionRecordChecks: readonly Check<SessionBench>[] = [
  check("staleness is a number of seconds, the same for both instances", async ({ a, b }) => {
    assert.ok(Number.isFinite(a.staleness) && a.staleness >= 0, `staleness is ${a.staleness}`)
    assert.equal(a.staleness, b.staleness)
  }),

  ...timelessRecordChecks,

  check(
    "a session inserted through one instance is found through the other, field by field",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      for (const fields of oddRecords) {
        const userId = await newUserId()
        const record = await opened(a, { userId, createdAt: clock(), ...fields })
        assert.deepEqual((await b.find(record.id))?.record, record)
        assert.deepEqual(await b.listByUser(userId), [record])
      }
    },
  ),

  check("every instant keeps its own milliseconds", async ({ a, b, newUserId }, clock) => {
    // From the full second, so that none of them falls on one.
    const now = Math.floor(clock() / 1_000) * 1_000
    const record = await opened(a, {
      userId: await newUserId(),
      createdAt: now - 3 * minute + 1,
      authenticatedAt: now - 2 * minute + 22,
      lastSeenAt: now - minute + 333,
      expiresAt: now + minute + 457,
      absoluteExpiresAt: now + 90 * 24 * 60 * minute + 999,
    })
    assert.deepEqual((await b.find(record.id))?.record, record)
  }),

  check("the user that find brings, if any, is the session's user", async ({ a, newUserId }, clock) => {
    const userId = await newUserId()
    const { id } = await opened(a, { userId, createdAt: clock() })
    const found = await a.find(id)
    assert.ok(found, "the session is found")
    assert.ok("user" in found, "`user` is present, undefined where this store keeps no users")
    if (found.user !== undefined) assert.equal(found.user.id, userId)
  }),

  check(
    "what was handed in or out can be changed without changing the store",
    async ({ a, newUserId }, clock) => {
      const claims = { role: "member", nested: { list: ["one"] } }
      const methods = ["pwd"]
      const userId = await newUserId()
      const record = sessionRecord({ userId, createdAt: clock(), claims, methods })
      const untouched = structuredClone(record)
      await a.insert(record)
      claims.role = "admin"
      claims.nested.list.push("two")
      methods.push("otp")
      assert.deepEqual(
        (await a.find(record.id))?.record,
        untouched,
        "the record given to insert is still shared",
      )
      const next = { ...structuredClone(untouched), revision: 1 }
      const replacement = structuredClone(next)
      await a.replace(replacement, 0)
      scribble(replacement)
      for (const answer of [(await a.find(record.id))?.record, (await a.listByUser(userId))[0]]) {
        assert.deepEqual(answer, next, "the record given to replace is still shared")
        scribble(answer)
        assert.deepEqual((await a.find(record.id))?.record, next, "an answer is still shared")
      }
    },
  ),

  check("a duplicate id rejects and leaves the session that has it", async ({ a, b, newUserId }, clock) => {
    const record = await opened(a, { userId: await newUserId(), createdAt: clock() })
    await assert.rejects(b.insert({ ...record, secretHash: sessionRecord().secretHash }), "same user")
    await assert.rejects(b.insert({ ...record, userId: await newUserId() }), "another user")
    assert.deepEqual(await foundBy([a, b], record.id), record)
  }),

  check("replace stores the next revision only over the expected one", async ({ a, b, newUserId }, clock) => {
    const userId = await newUserId()
    const first = await opened(a, { userId, createdAt: clock() })
    const second = revised(first, {
      secretHash: sessionRecord().secretHash,
      authenticatedAt: clock() + 1,
      lastSeenAt: clock() + 2,
      expiresAt: first.expiresAt + 3,
      methods: ["pwd", "otp"],
      claims: { role: "admin", long: "x".repeat(500) },
      address: "198.51.100.7",
      userAgent: "another agent",
    })
    assert.equal(await b.replace(second, 1), false, "the stored revision is 0, not 1")
    assert.deepEqual(await foundBy([a, b], first.id), first, "a refused replace changes nothing")
    assert.equal(await b.replace(second, 0), true)
    assert.deepEqual(await foundBy([a, b], first.id), second)
    assert.equal(await a.replace(revised(first), 0), false, "revision 0 is past")
    assert.deepEqual(await a.listByUser(userId), [second], "one entry, the latest revision")
    assert.equal(await a.replace(revised(second, { claims: {} }), 1), true)
    assert.deepEqual((await b.find(first.id))?.record.claims, {}, "replace is no merge")
  }),

  check(
    "delete ends one session, once, and replace does not resurrect it",
    async ({ a, b, newUserId }, clock) => {
      const userId = await newUserId()
      const record = await opened(a, { userId, createdAt: clock() })
      const other = await opened(a, { userId, createdAt: clock() })
      assert.equal(await b.delete(record.id), true)
      assert.equal(await a.delete(record.id), false)
      assert.equal(await foundBy([a, b], record.id), undefined)
      assert.equal(await a.replace(revised(record), 0), false)
      assert.equal(await foundBy([a, b], record.id), undefined, "replace resurrected an ended session")
      assert.deepEqual(await b.listByUser(userId), [other], "the user's other session goes on")
      assert.equal(await a.epoch(userId), 0, "delete leaves the epoch")
    },
  ),

  check(
    "listByUser brings the user's sessions, newest first, and nobody else's",
    async ({ a, b, newUserId }, clock) => {
      const [userId, otherId] = [await newUserId(), await newUserId()]
      const ages = [3, 1, 4, 0, 2]
      const records: SessionRecord[] = []
      for (const age of ages) {
        records.push(await opened(age % 2 ? a : b, { userId, createdAt: clock() - age * minute }))
        await opened(a, { userId: otherId, createdAt: clock() - age * minute })
      }
      const newestFirst = records.sort((one, other) => other.createdAt - one.createdAt)
      assert.deepEqual(await a.listByUser(userId), newestFirst)
      const oldest = newestFirst[4] ?? assert.fail()
      const renewed = revised(oldest, { lastSeenAt: clock() + 1, expiresAt: oldest.expiresAt + minute })
      assert.equal(await a.replace(renewed, 0), true)
      assert.deepEqual(
        await b.listByUser(userId),
        [...newestFirst.slice(0, 4), renewed],
        "renewal changes no order",
      )
      const mine = sorted(newestFirst.map((record) => record.id))
      assert.deepEqual(sorted(await a.deleteByUser(userId)), mine, "deleteByUser answers the ids that ended")
      assert.equal((await a.listByUser(otherId)).length, 5, "another user's sessions go on")
    },
  ),
]

function scribble(record: SessionRecord | undefined): void {
  if (record === undefined) assert.fail("the session is missing")
  const targets: object[] = [record, record.claims, record.methods, Object(record.claims.nested)]
  for (const target of targets) Reflect.set(target, 0, "scribbled")
  Reflect.set(record, "userId", "scribbled")
  Reflect.set(record.claims, "role", "scribbled")
}
