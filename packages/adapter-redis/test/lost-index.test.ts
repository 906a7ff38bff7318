import assert from "node:assert/strict"
import type { SessionRecord } from "@mortise/core"
import { sessionRecord } from "@mortise/core/testing"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type RedisStores, redisStores } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"

/*
 * What holds when Redis has lost a user's index or epoch, evicted under another policy than noeviction or not
 * replicated before a failover: the README's promise, word by word.
 */

let connection: Connection
let sessions: RedisStores["sessions"]
let prefix: string

beforeAll(async () => {
  connection = await clients["node-redis cluster"]()
  prefix = freshPrefix()
  sessions = redisStores(connection.send, { prefix }).sessions
})
afterAll(() => connection.close())

async function opened(overrides: Partial<SessionRecord> = {}): Promise<SessionRecord> {
  const record = sessionRecord(overrides)
  assert.equal(await sessions.insert(record), true)
  return record
}

async function lose(userId: string, what: "sessions" | "epoch"): Promise<void> {
  const key = `${prefix}user:{u:${userId}}:${what}`
  assert.equal(await connection.send({ key, args: ["DEL", key] }), 1, "there was nothing to lose")
}

function renewed(record: SessionRecord): SessionRecord {
  return { ...record, revision: record.revision + 1 }
}

test("index lost: sessions go on, and a renewal lists its session again", async () => {
  const record = await opened()
  await lose(record.userId, "sessions")
  expect(await sessions.listByUser(record.userId)).toEqual([])
  expect((await sessions.find(record.id))?.record).toEqual(record)
  expect(await sessions.replace(renewed(record), 0)).toBe(true)
  expect(await sessions.listByUser(record.userId)).toEqual([renewed(record)])
  expect(await sessions.deleteByUser(record.userId)).toEqual([record.id])
  expect(await sessions.find(record.id)).toBeUndefined()
})

test("index lost, then revoke-all: it misses the session, which ends at its next renewal", async () => {
  const record = await opened()
  await lose(record.userId, "sessions")
  expect(await sessions.deleteByUser(record.userId)).toEqual([])
  expect(await sessions.find(record.id), "the gap that the README names").toBeDefined()
  expect(await sessions.replace(renewed(record), 0)).toBe(false)
  expect(await sessions.find(record.id)).toBeUndefined()
})

test("index lost after a session was excepted: it ends at its next renewal", async () => {
  const record = await opened()
  await sessions.deleteByUser(record.userId, record.id)
  expect(await sessions.replace(renewed(record), 0), "while the index is there").toBe(true)
  await lose(record.userId, "sessions")
  expect(await sessions.replace(renewed(renewed(record)), 1)).toBe(false)
  expect(await sessions.find(record.id)).toBeUndefined()
})

test("epoch lost: sign-ins that had read it fail, sessions in the index go on", async () => {
  const { userId } = sessionRecord()
  await sessions.deleteByUser(userId)
  const record = await opened({ userId, epoch: 1 })
  await lose(userId, "epoch")
  expect(await sessions.insert(sessionRecord({ userId, epoch: 1 }))).toBe(false)
  expect(await sessions.replace(renewed(record), 0)).toBe(true)
})

test("epoch and index lost: a session of a raised epoch ends at its next renewal", async () => {
  const { userId } = sessionRecord()
  await sessions.deleteByUser(userId)
  const record = await opened({ userId, epoch: 1 })
  await lose(userId, "epoch")
  await lose(userId, "sessions")
  expect(await sessions.replace(renewed(record), 0)).toBe(false)
  expect(await sessions.find(record.id)).toBeUndefined()
})

test("a session whose key was lost is no session, and the device list forgets it", async () => {
  const record = await opened()
  const key = `${prefix}session:${record.id}`
  await connection.send({ key, args: ["DEL", key] })
  expect(await sessions.find(record.id)).toBeUndefined()
  expect(await sessions.replace(renewed(record), 0)).toBe(false)
  expect(await sessions.listByUser(record.userId)).toEqual([])
  expect(await sessions.deleteByUser(record.userId)).toEqual([])
})
