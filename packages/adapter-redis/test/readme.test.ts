import { readFileSync } from "node:fs"
import { sessionRecord } from "@mortise/core/testing"
import { createClient } from "redis"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { redisStores } from "../src/index.js"
import { type Connection, clients } from "./connections.js"

/* What a reader copies from the README is what the tests run with. */

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
let admin: Connection

beforeAll(async () => {
  admin = await clients["node-redis"]()
})
afterAll(() => admin.close())

test("the lines for each client are those that every test goes through", () => {
  const connections = readFileSync(new URL("connections.ts", import.meta.url), "utf8")
  const lines = [...readme.matchAll(/^\| .* \| `redisStores\((.*)\)` \|$/gm)].map(([, line]) => line)
  expect(lines).toHaveLength(3)
  for (const line of lines) expect(connections).toContain(`send: ${line}`)
})

test("the ACL of the README is enough for every step", async () => {
  const [, commands = ""] = /^\| ACL \| `([^`]+)`/m.exec(readme) ?? []
  const [user, prefix] = [`mortise-${crypto.randomUUID()}`, "mortise:"]
  await admin.send({
    key: "",
    args: ["ACL", "SETUSER", user, "on", ">password", `~${prefix}*`, ...commands.split(" ")],
  })
  const { hostname, port } = new URL(inject("redisUrl"))
  const client = createClient({ url: `redis://${user}:password@${hostname}:${port}` })
  await client.connect()
  const { sessions, challenges, rateLimits } = redisStores(({ args }) => client.sendCommand(args), { prefix })

  const [record, other] = [sessionRecord(), sessionRecord()]
  const [key, later] = [crypto.randomUUID(), Date.now() + 60_000]
  expect(await sessions.epoch(record.userId)).toBe(0)
  for (const each of [record, other]) expect(await sessions.insert(each)).toBe(true)
  expect(await sessions.replace({ ...record, revision: 1 }, 0)).toBe(true)
  expect(await sessions.listByUser(record.userId)).toHaveLength(1)
  expect(await sessions.deleteByUser(record.userId)).toEqual([record.id])
  expect(await sessions.delete(other.id)).toBe(true)
  expect(await challenges.add(key, "a", later)).toBe(true)
  expect(await challenges.swap(key, "a", "b", later)).toBe(true)
  expect(await challenges.get(key)).toBe("b")
  expect(await challenges.take(key)).toBe("b")
  await challenges.set(key, "c", later)
  await challenges.delete(key)
  expect([await rateLimits.increment(key, later), await rateLimits.increment(key, later)]).toEqual([1, 2])
  await client.close()
  await admin.send({ key: "", args: ["ACL", "DELUSER", user] })
})
