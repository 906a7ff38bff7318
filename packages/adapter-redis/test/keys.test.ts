import type { AtomicStore, SessionStore, Stores, User } from "@mortise/core"
import { sessionRecord } from "@mortise/core/testing"
import fc from "fast-check"
import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest"
import { type RedisStores, redisStores, type SendCommand } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"

let connection: Connection
let cluster: Connection

beforeAll(async () => {
  connection = await clients["node-redis"]()
  cluster = await clients["node-redis cluster"]()
})
afterAll(async () => {
  await Promise.all([connection.close(), cluster.close()])
})

/** What a host may call its users: anything, up to 128 UTF-16 units, half characters included. */
const userIds = fc.oneof(
  fc.string({ unit: "binary", maxLength: 64 }),
  fc.string({
    unit: fc.constantFrom("{", "}", "%", ":", "u", "\0", " ", "\ud83d", "\udd10", "7", "b"),
    maxLength: 8,
  }),
)

test("user ids of any text work on a cluster, and no two of them meet", async () => {
  const { sessions } = redisStores(cluster.send, { prefix: freshPrefix() })
  const property = fc.asyncProperty(userIds, userIds, async (userId, otherId) => {
    fc.pre(userId !== otherId)
    const record = sessionRecord({ userId, epoch: await sessions.epoch(userId) })
    const other = sessionRecord({ userId: otherId, epoch: await sessions.epoch(otherId) })
    expect([await sessions.insert(record), await sessions.insert(other)]).toEqual([true, true])
    expect(await sessions.deleteByUser(userId)).toEqual([record.id])
    expect(await sessions.find(other.id)).toBeDefined()
    expect(await sessions.deleteByUser(otherId)).toEqual([other.id])
  })
  await fc.assert(property, { numRuns: 200 })
})

test("nothing stays for ever: every key has a time-to-live, as long as it is good for", async () => {
  const prefix = freshPrefix()
  const { sessions, challenges, rateLimits } = redisStores(connection.send, { prefix })
  const [minute, day] = [60_000, 86_400_000]
  const later = Date.now() + minute
  await challenges.set("set", "x", later)
  await challenges.add("add", "x", later)
  await challenges.set("swap", "x", later + day)
  await challenges.swap("swap", "x", "y", later)
  for (const _ of [1, 2]) await rateLimits.increment("n", later)
  const record = sessionRecord({ expiresAt: later })
  await sessions.insert(record)
  await sessions.replace({ ...record, revision: 1, expiresAt: later + 1 }, 0)
  await sessions.deleteByUser(record.userId, record.id)

  const ttls = new Map<string, number>()
  for (const key of await keysUnder(prefix)) {
    ttls.set(key.slice(prefix.length), Number(await connection.send({ key, args: ["PTTL", key] })))
  }
  const tag = `user:{u:${record.userId}}`
  const names = ["challenge:add", "challenge:set", "challenge:swap", "limit:n", `session:${record.id}`]
  expect([...ttls.keys()].sort()).toEqual([...names, `${tag}:epoch`, `${tag}:sessions`].sort())
  for (const [key, ttl] of ttls) {
    expect(ttl, key).toBeGreaterThan(0)
    const limit = key === `${tag}:epoch` ? 400 * day : key === `${tag}:sessions` ? 62 * minute : minute + 1
    expect(ttl, key).toBeLessThanOrEqual(limit)
  }
})

async function keysUnder(prefix: string): Promise<readonly string[]> {
  const keys: string[] = []
  let cursor = "0"
  do {
    const reply = await connection.send({
      key: "",
      args: ["SCAN", cursor, "MATCH", `${prefix}*`, "COUNT", "1000"],
    })
    if (!Array.isArray(reply)) throw new Error("SCAN answers a cursor and keys.")
    cursor = String(reply[0])
    keys.push(...reply[1])
  } while (cursor !== "0")
  return keys
}

test("an index does not grow with sessions that are over", async () => {
  const prefix = freshPrefix()
  let now = Date.now()
  const { sessions } = redisStores(connection.send, { prefix, clock: () => now })
  const key = `${prefix}user:{u:ada}:sessions`
  for (let day = 0; day < 20; day += 1) {
    const ends = { expiresAt: now + 3_600_000, absoluteExpiresAt: now + 30 * 86_400_000 }
    await sessions.insert(sessionRecord({ userId: "ada", createdAt: now, ...ends }))
    now += 86_400_000
  }
  expect(await connection.send({ key, args: ["ZCARD", key] })).toBe(1)
})

test("every script works after SCRIPT FLUSH", async () => {
  const { sessions, challenges } = redisStores(connection.send, { prefix: freshPrefix() })
  const later = Date.now() + 60_000
  const record = sessionRecord()
  const steps: readonly (readonly [step: () => Promise<unknown>, answer: unknown])[] = [
    [() => sessions.insert(record), true],
    [() => sessions.replace({ ...record, revision: 1 }, 0), true],
    [() => sessions.deleteByUser(record.userId), [record.id]],
    [() => challenges.add("k", "a", later), true],
    [() => challenges.swap("k", "a", "b", later), true],
    [() => challenges.increment("n", later), 1],
  ]
  for (const [step, answer] of steps) {
    await connection.send({ key: "", args: ["SCRIPT", "FLUSH"] })
    expect(await step()).toEqual(answer)
  }
})

test("two prefixes are two worlds", async () => {
  const [one, other] = [freshPrefix(), freshPrefix()].map((prefix) =>
    redisStores(connection.send, { prefix }),
  )
  const record = sessionRecord()
  await one?.sessions.insert(record)
  await one?.challenges.set("k", "v", Date.now() + 60_000)
  expect(await other?.sessions.find(record.id)).toBeUndefined()
  expect(await other?.challenges.get("k")).toBeUndefined()
  expect(await one?.rateLimits.get("k"), "nor do challenges and rate limits meet").toBeUndefined()
})

test("a prefix or time-out that could not work is refused at once", () => {
  const send: SendCommand = () => Promise.reject(new Error("nothing is sent"))
  for (const prefix of ["{", "a}b", "{tag}:", "with space:", "ü:", "line\n", "x".repeat(65)]) {
    expect(() => redisStores(send, { prefix }), prefix).toThrow("redisStores: prefix must be")
  }
  for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => redisStores(send, { timeout }), String(timeout)).toThrow("redisStores: timeout must be")
  }
  for (const prefix of ["", "mortise:", "app|1~auth:", "x".repeat(64)])
    redisStores(send, { prefix, timeout: 0.5 })
})

test("the slots fit a host whose users carry more", () => {
  interface Sponsor extends User {
    readonly isSponsor: boolean
  }
  expectTypeOf<RedisStores>().toExtend<Pick<Stores<Sponsor>, "sessions" | "challenges" | "rateLimits">>()
  expectTypeOf<RedisStores["sessions"]>().toExtend<SessionStore<Sponsor>>()
  expectTypeOf<RedisStores["challenges"]>().toExtend<AtomicStore>()
})
