import { sessionRecord } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { type RedisStores, redisStores } from "../src/index.js"
import { type Connection, clients, freshPrefix } from "./connections.js"
import { commandsDuring } from "./server-commands.js"

/* Promise 5: one round trip per authenticated request. Counted on the servers; a cluster has three. */

describe.each(Object.entries(clients))("%s", (name, connect) => {
  let connection: Connection
  let prefix: string
  let stores: RedisStores

  beforeAll(async () => {
    connection = await connect()
    prefix = freshPrefix()
    stores = redisStores(connection.send, { prefix })
  })
  afterAll(() => connection.close())

  /**
   * Names of the commands that were sent, in order; a script counts as one, whatever it calls on the server.
   */
  async function sentDuring(body: () => Promise<unknown>): Promise<readonly string[]> {
    const urls = name.includes("cluster") ? inject("redisClusterNodes") : [inject("redisUrl")]
    const executed = await commandsDuring({ urls, prefix }, body)
    return executed.filter(({ calledByScript }) => !calledByScript).map((command) => command.name)
  }

  test("find is exactly one GET: for a live, an expired, an ended and an unknown session", async () => {
    const { sessions } = stores
    const [live, expired, ended] = [sessionRecord(), sessionRecord({ expiresAt: 1 }), sessionRecord()]
    for (const record of [live, expired, ended]) await sessions.insert(record)
    await sessions.delete(ended.id)
    for (const { id } of [live, expired, ended, sessionRecord()]) {
      expect(await sentDuring(async () => sessions.find(id))).toEqual(["GET"])
    }
    const hundred = await sentDuring(() =>
      Promise.all(Array.from({ length: 100 }, () => sessions.find(live.id))),
    )
    expect(hundred).toEqual(Array(100).fill("GET"))
  })

  test("the other steps of a session", async () => {
    const { sessions } = stores
    const record = sessionRecord()
    expect(await sentDuring(() => sessions.epoch(record.userId))).toEqual(["GETEX"])
    expect(await sentDuring(() => sessions.insert(record))).toEqual(["SET", "EVAL", "SET"])
    expect(await sentDuring(() => sessions.replace({ ...record, revision: 1 }, 0))).toEqual(["EVAL", "EVAL"])
    expect(await sentDuring(() => sessions.listByUser(record.userId))).toEqual(["ZRANGE", "GET"])
    expect(await sentDuring(() => sessions.delete(record.id))).toEqual(["GETDEL", "ZREM"])
    expect(await sentDuring(() => sessions.deleteByUser(record.userId))).toEqual(["EVAL"])
  })

  test("each step of a challenge or a counter is one command", async () => {
    const { challenges } = stores
    const later = Date.now() + 60_000
    expect(await sentDuring(() => challenges.set("one", "a", later))).toEqual(["SET"])
    expect(await sentDuring(() => challenges.get("one"))).toEqual(["GET"])
    expect(await sentDuring(() => challenges.swap("one", "a", "b", later))).toEqual(["EVAL"])
    expect(await sentDuring(() => challenges.take("one"))).toEqual(["GETDEL"])
    expect(await sentDuring(() => challenges.add("one", "c", later))).toEqual(["EVAL"])
    expect(await sentDuring(() => challenges.delete("one"))).toEqual(["DEL"])
    expect(await sentDuring(() => challenges.increment("two", later))).toEqual(["EVAL"])
  })
})
