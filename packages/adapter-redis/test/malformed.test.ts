import assert from "node:assert/strict"
import { sessionRecord } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { MalformedDataError, type RedisStores, redisStores, type SendCommand } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"

/* Promise 6: what cannot be read is a fault, and never a session, "no such session" or a fresh counter. */

let connection: Connection
let stores: RedisStores
let prefix: string

beforeAll(async () => {
  connection = await clients["node-redis"]()
  prefix = freshPrefix()
  stores = redisStores(connection.send, { prefix })
})
afterAll(() => connection.close())

async function put(key: string, ...value: readonly string[]): Promise<void> {
  const redisKey = prefix + key
  await connection.send({ key: redisKey, args: ["DEL", redisKey] })
  const [command = "SET", ...args] = value.length > 1 ? value : ["SET", ...value]
  await connection.send({ key: redisKey, args: [command, redisKey, ...args] })
}

const record = sessionRecord({
  id: "x".repeat(22),
  userId: "ada",
  secretHash: "s3cret-hash-canary".padEnd(43, "-"),
})
const head = `0:${record.expiresAt}:`
/** In the order in which they are written. */
const names = [
  ...[
    "id",
    "realm",
    "userId",
    "secretHash",
    "epoch",
    "revision",
    "createdAt",
    "authenticatedAt",
    "lastSeenAt",
  ],
  ...["expiresAt", "absoluteExpiresAt", "methods", "claims", "address", "userAgent"],
]
const changed = (changes: object): string => {
  const fields: Readonly<Record<string, unknown>> = { ...record, ...changes }
  return head + JSON.stringify(names.map((name) => fields[name]))
}
const text = changed({})

const sessionTexts: Record<string, string> = {
  "": "",
  "JSON without a head": text.slice(head.length),
  "fields with their names": head + JSON.stringify(record),
  "a field more": text.replace(/\]$/, ",1]"),
  "a field less": text.replace(/,"[^"]*"\]$/, "]"),
  "a head without JSON": head,
  "cut off": text.slice(0, -1),
  "more behind it": `${text}x`,
  "another's text": "hello",
  "JSON null": `${head}null`,
  "a JSON array": `${head}[]`,
  "a JSON array with an object": `${head}[{}]`,
  "another revision in the head": text.replace("0:", "1:"),
  "another end in the head": text.replace(head, `0:${record.expiresAt + 1}:`),
  "an id that is not its key's": changed({ id: "y".repeat(22) }),
  "an instant as text": changed({ lastSeenAt: String(record.lastSeenAt) }),
  "an instant that is null": changed({ authenticatedAt: null }),
  "a fraction of a revision": changed({ epoch: 0.5 }),
  "a negative epoch": changed({ epoch: -1 }),
  "methods that are no list": changed({ methods: "pwd" }),
  "methods that are no texts": changed({ methods: [1] }),
  "claims that are a list": changed({ claims: [] }),
  "claims that are null": changed({ claims: null }),
}
for (const field of names) sessionTexts[`no ${field}`] = changed({ [field]: undefined })

test("what is changed below is a session before", async () => {
  expect(Object.keys(record).sort()).toEqual([...names].sort())
  await put(`session:${record.id}`, text)
  expect((await stores.sessions.find(record.id))?.record).toEqual(record)
})

describe.each(Object.entries(sessionTexts))("a session's key with %s", (_, value) => {
  test("find, delete and deleteByUser reject, and say nothing of what is there", async () => {
    for (const method of ["find", "delete"] as const) {
      await put(`session:${record.id}`, value)
      const call = async (): Promise<unknown> => stores.sessions[method](record.id)
      const error = await call().catch((reason: unknown) => reason)
      assert.ok(error instanceof MalformedDataError)
      expect(`${error.stack}`).not.toContain("canary")
    }
    await put("user:{u:ada}:sessions", "ZADD", String(record.expiresAt), record.id)
    await put(`session:${record.id}`, value)
    await expect(stores.sessions.listByUser("ada")).rejects.toThrow(MalformedDataError)
    await expect(stores.sessions.deleteByUser("ada")).rejects.toThrow(MalformedDataError)
    expect(await stores.sessions.deleteByUser("ada"), "it is gone, and does not block the next").toEqual([])
  })
})

test("replace rejects over a text without a head", async () => {
  for (const value of ["", "hello", text.slice(head.length), `x${text}`]) {
    await put(`session:${record.id}`, value)
    const renewed = { ...record, userId: "never revoked", revision: 1 }
    await expect(stores.sessions.replace(renewed, 0)).rejects.toThrow("not a session")
  }
})

test("a record that could not be read back is not written", async () => {
  for (const changes of [
    { expiresAt: Number.NaN },
    { createdAt: 0.5 },
    { epoch: -1 },
    { userId: undefined },
  ]) {
    const id = crypto.randomUUID()
    const broken = Object.assign(sessionRecord({ id }), changes)
    await expect(stores.sessions.insert(broken)).rejects.toThrow(TypeError)
    await expect(stores.sessions.replace(broken, 0)).rejects.toThrow(TypeError)
    expect(await stores.sessions.find(id)).toBeUndefined()
  }
})

test("an epoch that is no number rejects, for reading and for signing in", async () => {
  await put("user:{u:bob}:epoch", "soon")
  await expect(stores.sessions.epoch("bob")).rejects.toThrow(MalformedDataError)
  await expect(stores.sessions.deleteByUser("bob")).rejects.toThrow()
  expect(await stores.sessions.insert(sessionRecord({ userId: "bob" }))).toBe(false)
})

test.each(["", "value", ":value", "soon:value", "1e99:value", "-1:value", "{}"])(
  "an entry %j rejects for every method that reads it",
  async (value) => {
    const later = Date.now() + 60_000
    const methods: readonly ((key: string) => Promise<unknown>)[] = [
      (key) => stores.challenges.get(key),
      (key) => stores.challenges.take(key),
      (key) => stores.challenges.add(key, "new", later),
      (key) => stores.challenges.swap(key, "value", "new", later),
      (key) => stores.challenges.increment(key, later),
    ]
    for (const method of methods) {
      await put("challenge:k", value)
      await expect(method("k")).rejects.toThrow()
    }
    await put("challenge:k", value)
    await stores.challenges.set("k", "new", later)
    expect(await stores.challenges.get("k"), "set writes unconditionally").toBe("new")
  },
)

test("counting on what is no number rejects", async () => {
  for (const value of ["", "x", "1.5", "-1", " 1"]) {
    await stores.rateLimits.set("k", value, Date.now() + 60_000)
    await expect(stores.rateLimits.increment("k", Date.now() + 60_000)).rejects.toThrow("not a counter")
  }
})

test("another type of key rejects", async () => {
  await put(`session:${record.id}`, "RPUSH", "a")
  await expect(stores.sessions.find(record.id)).rejects.toThrow("WRONGTYPE")
  await put("challenge:k", "RPUSH", "a")
  await expect(stores.challenges.take("k")).rejects.toThrow("WRONGTYPE")
  await put("user:{u:eve}:sessions", "a")
  await expect(stores.sessions.listByUser("eve")).rejects.toThrow("WRONGTYPE")
})

/* A client that answers what Redis does not: no server can be made to do so, hence the stand-in. */
const oddReplies: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  "a buffer": new Uint8Array([49]),
  "a boolean": true,
  "a fraction": 0.5,
  "a big integer": 1n,
  "an object": {},
  "a list of numbers": [1],
}

test.each(Object.entries(oddReplies))("%s as reply rejects everywhere", async (_, reply) => {
  const send: SendCommand = async () => reply
  const { sessions, challenges } = redisStores(send)
  const calls: readonly (() => Promise<unknown>)[] = [
    () => challenges.get("k"),
    () => challenges.set("k", "v", 1),
    () => challenges.delete("k"),
    () => challenges.add("k", "v", 1),
    () => challenges.swap("k", "v", "w", 1),
    () => challenges.take("k"),
    () => challenges.increment("k", 1),
    () => sessions.epoch("u"),
    () => sessions.insert(record),
    async () => sessions.find(record.id),
    () => sessions.replace({ ...record, revision: 1 }, 0),
    () => sessions.delete(record.id),
    () => sessions.listByUser("u"),
    () => sessions.deleteByUser("u"),
  ]
  for (const call of calls) await expect(call(), String(call)).rejects.toThrow(MalformedDataError)
})
