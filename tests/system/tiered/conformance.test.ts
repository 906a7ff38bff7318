import { migrate, postgresStores } from "@mortise/adapter-postgres"
import { redisMessages, redisStores } from "@mortise/adapter-redis"
import type { Clock, SessionMessages, SessionStore } from "@mortise/core"
import { newUser, type OwnedBench, sessionStoreChecks, staleSessionStoreChecks } from "@mortise/core/testing"
import { announced, tiered } from "@mortise/core/tiered"
import pg from "pg"
import { createClient } from "redis"
import { afterAll, beforeAll, inject, test } from "vitest"

/* The kit, over a real Redis and a real PostgreSQL, with two nodes that have connections of their own. */

const schema = `tiered_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`
const pools = [newPool(), newPool()] as const
const connections: ReturnType<typeof newClient>[] = []

beforeAll(async () => {
  await migrate((statement) => pools[0].query(statement), { schema })
  connections.push(...Array.from({ length: 4 }, newClient))
})
afterAll(async () => {
  await pools[0].query(`drop schema if exists ${schema} cascade`)
  await Promise.all(pools.map((pool) => pool.end()))
  for (const client of connections) (await client).destroy()
})

function newPool(): pg.Pool {
  return new pg.Pool({ connectionString: inject("postgresUrl"), max: 8 })
}

function newClient() {
  return createClient({ url: inject("redisUrl") })
    .on("error", () => {})
    .connect()
}

async function client(index: number) {
  const connection = await connections[index]
  if (!connection) throw new Error("There is no such connection.")
  return connection
}

async function messagesOf(index: 0 | 1, prefix: string): Promise<SessionMessages> {
  const [publisher, subscriber] = [await client(index), await client(index + 2)]
  return redisMessages(
    {
      publish: (channel, text) => publisher.publish(channel, text),
      async subscribe(channel, { gap, message }) {
        subscriber.on("ready", gap)
        await subscriber.subscribe(channel, message)
        return async () => {
          subscriber.off("ready", gap)
          await subscriber.unsubscribe(channel, message)
        }
      },
    },
    { prefix },
  )
}

function truth(index: 0 | 1, clock: Clock) {
  return postgresStores((statement) => pools[index].query(statement), { schema, clock })
}

async function newUserId(): Promise<string> {
  const user = await truth(0, Date.now).users.create(newUser())
  if (!user) throw new Error("The user was not created.")
  return user.id
}

async function tieredBench(clock: Clock): Promise<OwnedBench<SessionStore>> {
  const prefix = `${schema}:${crypto.randomUUID()}:`
  const node = async (index: 0 | 1) => {
    const redis = await client(index)
    const own = tiered({
      memory: { max: 1_000, ttl: 5 },
      redis: redisStores(({ args }) => redis.sendCommand(args), { prefix, clock }).sessionCache,
      postgres: truth(index, clock).sessions,
      messages: await messagesOf(index, prefix),
      clock,
    })
    await own.ready()
    return own
  }
  const [a, b] = [await node(0), await node(1)]
  const close = async () => void (await Promise.all([a.close(), b.close()]))
  return { a, b, newUserId, close }
}

async function announcedBench(clock: Clock): Promise<OwnedBench<SessionStore>> {
  const prefix = `${schema}:${crypto.randomUUID()}:`
  const node = async (index: 0 | 1) =>
    announced(truth(index, clock).sessions, await messagesOf(index, prefix))
  return { a: await node(0), b: await node(1), newUserId }
}

for (const check of staleSessionStoreChecks) {
  test(`tiered: ${check.name}`, () => check.run(tieredBench), 30_000)
}
for (const check of sessionStoreChecks) {
  test(`announced: ${check.name}`, () => check.run(announcedBench), 30_000)
}
