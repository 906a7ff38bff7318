import { Redis } from "ioredis"
import { createClient, createCluster } from "redis"
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest"
import { type RedisService, startRedis } from "../../../tools/services/redis.mjs"
import { type ChannelListener, type PubSub, redisMessages } from "../src/index.js"
import { freshPrefix } from "./connections.js"

/* Each client as the README wires it, against a real server and a real cluster, and every text that can come out of a channel. */

interface Channel extends PubSub {
  close(): unknown
}

async function nodeRedis(url: string): Promise<Channel> {
  const client = createClient({ url })
  client.on("error", () => {})
  await client.connect()
  const subscriber = client.duplicate()
  subscriber.on("error", () => {})
  await subscriber.connect()
  return {
    publish: (channel, text) => client.publish(channel, text),
    async subscribe(channel, { gap, message }) {
      subscriber.on("ready", gap)
      await subscriber.subscribe(channel, message)
      return () => subscriber.unsubscribe(channel, message)
    },
    close() {
      client.destroy()
      subscriber.destroy()
    },
  }
}

async function ioredis(url: string): Promise<Channel> {
  const redis = new Redis(url)
  redis.on("error", () => {})
  const subscriber = redis.duplicate()
  subscriber.on("error", () => {})
  return {
    publish: (channel, text) => redis.publish(channel, text),
    async subscribe(channel, { gap, message }) {
      subscriber.on("message", (from, text) => from === channel && message(text))
      subscriber.on("ready", () => subscriber.subscribe(channel).then(gap, () => {}))
      await subscriber.subscribe(channel)
      return () => subscriber.unsubscribe(channel)
    },
    close() {
      redis.disconnect()
      subscriber.disconnect()
    },
  }
}

const clients = { "node-redis": nodeRedis, ioredis }

let service: RedisService
const open: { close(): unknown }[] = []

beforeAll(async () => {
  service = await startRedis()
})
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})
afterAll(() => service.stop())

async function channel(client: keyof typeof clients, url: string): Promise<Channel> {
  const made = await clients[client](url)
  open.push(made)
  return made
}

/** A listener that writes down what it hears. */
function hearing() {
  const heard: string[] = []
  const gaps: number[] = []
  return {
    heard,
    gaps,
    listener: { changed: (ids: readonly string[]) => void heard.push(...ids), gap: () => void gaps.push(1) },
  }
}

describe.each(Object.keys(clients) as (keyof typeof clients)[])("%s", (client) => {
  test("whoever listens hears every id, the publisher too; who stopped hears nothing", async () => {
    const prefix = freshPrefix()
    const [one, other] = [
      await channel(client, inject("redisUrl")),
      await channel(client, inject("redisUrl")),
    ]
    const [a, b] = [redisMessages(one, { prefix }), redisMessages(other, { prefix })]
    const stranger = redisMessages(other, { prefix: freshPrefix() })
    const [atA, atB, elsewhere] = [hearing(), hearing(), hearing()]
    await a.subscribe(atA.listener)
    const stop = await b.subscribe(atB.listener)
    await stranger.subscribe(elsewhere.listener)
    const ids = Array.from({ length: 1_201 }, () => crypto.randomUUID())
    await a.publish(ids)
    await expect.poll(() => [atA.heard.length, atB.heard.length]).toEqual([1_201, 1_201])
    for (const { heard } of [atA, atB]) expect(new Set(heard)).toEqual(new Set(ids))
    await stop()
    await a.publish(["last"])
    await expect.poll(() => atA.heard).toContain("last")
    expect(atB.heard).not.toContain("last")
    expect(elsewhere.heard).toEqual([])
  })

  test("after a server that died is back, a gap is told, and then every message comes", async () => {
    const messages = redisMessages(await channel(client, service.url), { prefix: freshPrefix() })
    const { gaps, heard, listener } = hearing()
    await messages.subscribe(listener)
    const before = gaps.length
    await service.kill()
    await service.restart()
    await vi.waitFor(() => expect(gaps.length).toBeGreaterThan(before), { timeout: 15_000 })
    // What was told comes after the subscription: nothing that is published from now on is missed.
    await messages.publish(["after"])
    await vi.waitFor(() => expect(heard).toContain("after"), { timeout: 5_000 })
  })
})

test("on a cluster a message that one node takes reaches who listens at another", async () => {
  const nodes = inject("redisClusterNodes")
  const cluster = createCluster({ rootNodes: nodes.map((url) => ({ url })) })
  await cluster.connect()
  open.push({ close: () => cluster.destroy() })
  const prefix = freshPrefix()
  const publisher = redisMessages(
    {
      publish: (name, text) => cluster.publish(name, text),
      subscribe: () => Promise.reject(new Error("Nobody listens here.")),
    },
    { prefix },
  )
  const all = await Promise.all(
    nodes.map(async (url) => {
      const at = hearing()
      await redisMessages(await channel("node-redis", url), { prefix }).subscribe(at.listener)
      return at
    }),
  )
  await publisher.publish(["one", "other"])
  await expect.poll(() => all.map(({ heard }) => heard)).toEqual(all.map(() => ["one", "other"]))
})

describe("what comes out of the channel", () => {
  async function heardOf(text: unknown): Promise<readonly string[]> {
    const { heard, listener } = hearing()
    const said: { listener?: ChannelListener } = {}
    const messages = redisMessages({
      publish: async () => {},
      async subscribe(_, channelListener) {
        said.listener = channelListener
        return async () => {}
      },
    })
    await messages.subscribe(listener)
    said.listener?.message(text as string)
    return heard
  }

  test.each([
    ["nothing", ""],
    ["no JSON", "[“a”]"],
    ["a text", '"a"'],
    ["a number", "7"],
    ["null", "null"],
    ["an object", '{"0":"a","length":1}'],
    ["no ids", "[]"],
    ["an id that is none", '["a",7]'],
    ["an empty id", '["a",""]'],
    ["an id with a space", '["a b"]'],
    ["an id with a line break", '["a\\n"]'],
    ["an id that is too long", JSON.stringify(["x".repeat(129)])],
    ["too many ids", JSON.stringify(Array.from({ length: 501 }, () => "a"))],
    ["a text that is too long", `${" ".repeat(100_000)}["a"]`],
    ["bytes", new Uint8Array([91, 34, 97, 34, 93])],
  ])("%s is ignored", async (_, text) => {
    expect(await heardOf(text)).toEqual([])
  })

  test("a message is heard", async () => {
    expect(await heardOf('["a","b"]')).toEqual(["a", "b"])
  })

  test("one that cannot be published rejects", async () => {
    const messages = redisMessages({
      publish: () => Promise.reject(new Error("cut off")),
      subscribe: async () => async () => {},
    })
    await expect(messages.publish(["a"])).rejects.toThrow("cut off")
  })
})
