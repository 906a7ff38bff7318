import { postgresStores } from "@mortise/adapter-postgres"
import { redisStores } from "@mortise/adapter-redis"
import type { Stores } from "@mortise/core"
import { hosted, openDatabase } from "../databases/open-database"
import { openRedis } from "../databases/open-redis"
import type { Settings } from "../settings"
import type { Member } from "../users/member"
import { type Members, members } from "../users/members"

/** Everything that outlives a request. */
export interface OpenStores {
  readonly auth: Omit<Stores<Member>, "audit">
  readonly members: Members
  close(): Promise<void>
}

/** PostgreSQL for everything, but sessions in Redis where they are to be there. */
export function openStores(settings: Settings): OpenStores {
  const database = openDatabase(settings)
  const redis = settings.sessions === "redis" && settings.redisUrl ? openRedis(settings.redisUrl) : undefined
  const table = members(database.query)
  return {
    auth: {
      ...postgresStores(database.query, hosted),
      ...(redis && { sessions: redisStores(redis.send, { timeout: 2, prefix: "almanac:" }).sessions }),
      users: table,
    },
    members: table,
    async close() {
      await redis?.close()
      await database.close()
    },
  }
}
