import assert from "node:assert/strict"
import type { EpochMs, SessionRecord, SessionStore } from "@mortise/core"
import { type AdjustableClock, adjustableClock, sessionRecord } from "@mortise/core/testing"
import fc from "fast-check"
import { afterAll, beforeAll, test } from "vitest"
import { redisStores } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"
import { type SessionModel, sessionModel } from "./session-model.js"

/*
 * Any sequence of steps, on the cluster, compared after each with a model. And the index: it holds every live
 * session, at its end or later, and does not stay for ever.
 */

/** Ids, and the hash tags that they must become. */
const users = [
  ["ada", "u:ada"],
  ["{b}", "u:%007bb%007d"],
  ["ü 🔐", "u:%00fc%0020%d83d%dd10"],
] as const
const minute = 60_000
const [idle, absolute] = [60 * minute, 600 * minute]

let connection: Connection

beforeAll(async () => {
  connection = await clients["node-redis cluster"]()
})
afterAll(() => connection.close())

interface World {
  readonly store: SessionStore
  readonly model: SessionModel
  readonly clock: AdjustableClock
  readonly prefix: string
  /** Every record that was ever given to insert, in its latest revision. */
  readonly known: SessionRecord[]
}

type Step = (world: World) => Promise<void>

const anyUser = fc.constantFrom(...users.map(([userId]) => userId))
const anyPick = fc.nat(20)

const inserts = fc.tuple(anyUser, fc.constantFrom(0, 0, 0, 1)).map(
  ([userId, epochsBehind]): Step =>
    async ({ store, model, clock, known }) => {
      const now = clock()
      const epoch = Math.max(0, model.epoch(userId) - epochsBehind)
      const ends = { expiresAt: now + idle, absoluteExpiresAt: now + absolute }
      const record = sessionRecord({ userId, epoch, createdAt: now, ...ends })
      known.push(record)
      assert.equal(await store.insert(record), model.insert(record), "insert")
    },
)

const replaces = fc.tuple(anyPick, fc.constantFrom(0, 0, 1), fc.constantFrom(minute, idle, 2 * idle)).map(
  ([pick, ahead, lasts]): Step =>
    async ({ store, model, clock, known }) => {
      const base = known[pick % known.length]
      if (base === undefined) return
      const expected = base.revision + ahead
      const next = { ...base, revision: expected + 1, expiresAt: clock() + lasts }
      const replaced = model.replace(next, expected)
      assert.equal(await store.replace(next, expected), replaced, "replace")
      if (replaced) known[known.indexOf(base)] = next
    },
)

const deletes = anyPick.map(
  (pick): Step =>
    async ({ store, model, known }) => {
      const id = known[pick % known.length]?.id ?? "nobody's"
      assert.equal(await store.delete(id), model.delete(id), "delete")
    },
)

const revokes = fc.tuple(anyUser, fc.option(anyPick)).map(
  ([userId, pick]): Step =>
    async ({ store, model, known }) => {
      const exceptId = pick === null ? undefined : known[pick % known.length]?.id
      const ended = await store.deleteByUser(userId, exceptId)
      assert.deepEqual([...ended].sort(), [...model.deleteByUser(userId, exceptId)].sort(), "deleteByUser")
    },
)

const waits = fc.constantFrom(1, minute, idle, 3 * idle).map(
  (ms): Step =>
    async ({ clock }) =>
      clock.advance(ms),
)

const anyStep = fc.oneof(
  { weight: 5, arbitrary: inserts },
  { weight: 4, arbitrary: replaces },
  { weight: 2, arbitrary: deletes },
  { weight: 1, arbitrary: revokes },
  { weight: 2, arbitrary: waits },
)

test("any sequence of steps does what the model does, and the index never misses", async () => {
  const property = fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 40 }), async (steps) => {
    const [clock, prefix] = [adjustableClock(), freshPrefix()]
    const store = redisStores(connection.send, { prefix, clock }).sessions
    const world: World = { store, model: sessionModel(clock), clock, prefix, known: [] }
    for (const step of steps) {
      await step(world)
      await assertSame(world)
    }
  })
  await fc.assert(property, { numRuns: 150 })
}, 120_000)

async function assertSame({ store, model, known, prefix }: World): Promise<void> {
  const live = model.live()
  const found = await Promise.all(known.map(async ({ id }) => (await store.find(id))?.record))
  const byId = (one: SessionRecord, other: SessionRecord): number => (one.id < other.id ? -1 : 1)
  assert.deepEqual(found.filter((record) => record !== undefined).sort(byId), [...live].sort(byId), "find")

  for (const [userId, tag] of users) {
    const mine = live.filter((record) => record.userId === userId)
    assert.equal(await store.epoch(userId), model.epoch(userId), "epoch")
    await assertListed(mine, `${prefix}user:{${tag}}:sessions`)
    assert.deepEqual([...(await store.listByUser(userId))].sort(byId), mine.sort(byId), "listByUser")
  }
}

async function assertListed(records: readonly SessionRecord[], key: string): Promise<void> {
  const listed = scoresById(await connection.send({ key, args: ["ZRANGE", key, "0", "-1", "WITHSCORES"] }))
  for (const { id, expiresAt, absoluteExpiresAt } of records) {
    const score = listed.get(id) ?? assert.fail("a live session is not in the index")
    assert.ok(score >= Math.min(expiresAt, absoluteExpiresAt), "the index forgets a session before it ends")
  }
  if (listed.size > 0) assert.ok(Number(await connection.send({ key, args: ["PTTL", key] })) > 0)
}

/** RESP 3 answers pairs, RESP 2 a flat array. */
function scoresById(reply: unknown): ReadonlyMap<string, EpochMs> {
  const flat = (Array.isArray(reply) ? reply : assert.fail("an array")).flat()
  const ids = flat.filter((_, index) => index % 2 === 0)
  return new Map(ids.map((id, index) => [String(id), Number(flat[index * 2 + 1])]))
}
