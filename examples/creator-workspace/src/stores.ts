import { migrate, postgresStores, purge } from "@mortise/adapter-postgres"
import { redisStores } from "@mortise/adapter-redis"
import type { Stores } from "@mortise/core"
import type { ArticleStore } from "./articles/article.js"
import { articleTable, createArticleTable } from "./articles/article-table.js"
import { embeddedPostgres } from "./databases/embedded-postgres.js"
import { postgresServer } from "./databases/postgres-server.js"
import { redisServer } from "./databases/redis-server.js"
import type { Settings } from "./settings.js"

/** Everything that outlives a request. */
export interface OpenStores {
  readonly auth: Stores
  readonly articles: ArticleStore
  close(): Promise<void>
}

const hour = 3_600_000

/**
 * PostgreSQL for everything, embedded unless there is a server; with Redis, what every request asks for (sessions) and what lives
 * shortly (challenges, counters) is there instead.
 */
export async function openStores({ databaseUrl, redisUrl, dataDirectory }: Settings): Promise<OpenStores> {
  const database = databaseUrl ? postgresServer(databaseUrl) : await embeddedPostgres(dataDirectory)
  await migrate(database.query)
  await createArticleTable(database.query)
  const redis = redisUrl ? await redisServer(redisUrl) : undefined

  const housekeeping = setInterval(() => {
    purge(database.query).catch((error: Error) => console.error(`Housekeeping: ${error.message}`))
  }, hour)

  return {
    auth: {
      ...postgresStores(database.query),
      ...(redis && redisStores(redis.send, { timeout: 0.5 })),
    },
    articles: articleTable(database.query),
    async close() {
      clearInterval(housekeeping)
      redis?.close()
      await database.close()
    },
  }
}
