import { migrate, postgresStores, purge } from "@mortise/adapter-postgres"
import { redisMessages, redisStores } from "@mortise/adapter-redis"
import type { SessionMessages, Stores } from "@mortise/core"
import { tiered } from "@mortise/core/tiered"
import { embeddedPostgres } from "./databases/embedded-postgres.js"
import { postgresServer } from "./databases/postgres-server.js"
import { type RedisServer, redisServer } from "./databases/redis-server.js"
import { type PeopleTable, peopleTable } from "./people/people-table.js"
import { type Channel, ownChannel, redisChannel } from "./room/channel.js"
import { type MessageTable, messageTable } from "./room/message-table.js"
import type { Settings } from "./settings.js"
import { createTables } from "./tables.js"

/** Everything that outlives a request. */
export interface OpenStores {
  readonly auth: Stores
  /** How other servers hear that a session has ended; undefined where there are none. */
  readonly sessionMessages: SessionMessages | undefined
  /** Seconds for which a session that was ended elsewhere may still be taken for live, should Redis lose the message. */
  readonly staleness: number
  readonly messages: MessageTable
  readonly people: PeopleTable
  /** What the room tells the rooms of other servers. */
  readonly channel: Channel
  close(): Promise<void>
}

const hour = 3_600_000
const staleness = 5

/**
 * PostgreSQL for everything, embedded unless there is a server. With Redis, several servers may run: sessions are in the memory of each, over
 * Redis, over PostgreSQL; challenges and counters are in Redis; and what ends on one server is told to all.
 */
export async function openStores({ databaseUrl, redisUrl, dataDirectory }: Settings): Promise<OpenStores> {
  const database = databaseUrl ? postgresServer(databaseUrl) : await embeddedPostgres(dataDirectory)
  await migrate(database.query)
  await createTables(database.query)
  const inPostgres = postgresStores(database.query)
  const redis = redisUrl ? await redisServer(redisUrl) : undefined
  const shared = redis && (await sharedSessions(inPostgres, redis))

  const housekeeping = setInterval(() => {
    purge(database.query).catch((error: Error) => console.error(`Housekeeping: ${error.message}`))
  }, hour)

  return {
    auth: { ...inPostgres, ...shared?.slots },
    sessionMessages: shared?.messages,
    staleness: shared ? staleness : 0,
    messages: messageTable(database.query),
    people: peopleTable(database.query),
    channel: redis ? redisChannel(redis) : ownChannel(),
    async close() {
      clearInterval(housekeeping)
      await shared?.close()
      redis?.close()
      await database.close()
    },
  }
}

async function sharedSessions(
  { sessions: truth }: Stores,
  redis: RedisServer,
): Promise<{
  slots: Pick<Stores, "sessions" | "challenges" | "rateLimits">
  messages: SessionMessages
  close(): Promise<void>
}> {
  const { challenges, rateLimits, sessionCache } = redisStores(redis.send, { timeout: 0.5 })
  const messages = redisMessages(redis)
  const sessions = tiered({
    memory: { max: 100_000, ttl: `${staleness}s` },
    redis: sessionCache,
    postgres: truth,
    messages,
  })
  await sessions.ready()
  return { slots: { sessions, challenges, rateLimits }, messages, close: () => sessions.close() }
}
