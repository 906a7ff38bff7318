import { migrate, type PostgresQuery, postgresStores } from "@mortise/adapter-postgres"
import { redisStores } from "@mortise/adapter-redis"
import {
  type Auth,
  type AuthEvent,
  type Clock,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import {
  type PasswordOptions,
  type PasswordSlots,
  type PasswordSteps,
  password,
} from "@mortise/core/password"
import { type TestHasher, testHasher } from "@mortise/core/testing"
import pg from "pg"
import { createClient } from "redis"
import { inject } from "vitest"

export const origin = "https://app.example.com"
export const ada = { email: "ada@example.com", password: "correct horse battery staple" }

/** One server: an `Auth` with connections of its own. */
export interface Server {
  readonly auth: Auth<{ readonly password: FlowDefinition<PasswordSlots, PasswordSteps> }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly hasher: TestHasher
}

/** Servers that share their stores, the stores' raw contents, and how to let go of them. */
export interface Cluster {
  readonly a: Server
  readonly b: Server
  /** Everything that the stores hold, as text. */
  dump(): Promise<string>
  close(): Promise<void>
}

/** Which store keeps what. */
export type Wiring = "everything on PostgreSQL" | "users on PostgreSQL, the rest on Redis"
export const wirings: readonly Wiring[] = [
  "everything on PostgreSQL",
  "users on PostgreSQL, the rest on Redis",
]

/** Two servers on one fresh schema and one fresh key prefix. */
export async function cluster(
  wiring: Wiring,
  options: Partial<PasswordOptions> = {},
  clock: Clock = Date.now,
): Promise<Cluster> {
  const name = `system_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`
  const pools = [newPool(), newPool()] as const
  const clients = [await newClient(), await newClient()] as const
  await migrate(queryOf(pools[0]), { schema: name })

  function server(index: 0 | 1): Server {
    const events: AuthEvent[] = []
    const hasher = testHasher()
    const postgres = postgresStores(queryOf(pools[index]), { schema: name, clock })
    const redis = redisStores(({ args }) => clients[index].sendCommand(args), { prefix: `${name}:`, clock })
    const stores: Stores = wiring === "everything on PostgreSQL" ? postgres : { ...postgres, ...redis }
    const auth = createAuth({
      origin,
      secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
      stores,
      sessions: opaque(),
      flows: { password: password({ hasher, ...options }) },
      clock,
      on: (event) => {
        events.push(event)
      },
      onFault: () => {},
    })
    return { auth, stores, events, hasher }
  }

  async function dump(): Promise<string> {
    return (await dumpSchema(pools[0], name)) + (await dumpKeys(clients[0], `${name}:`))
  }

  async function close(): Promise<void> {
    await pools[0].query(`drop schema if exists ${name} cascade`)
    await Promise.all(pools.map((pool) => pool.end()))
    for (const client of clients) client.destroy()
  }

  return { a: server(0), b: server(1), dump, close }
}

function newPool(): pg.Pool {
  return new pg.Pool({ connectionString: inject("postgresUrl"), max: 8 })
}

function newClient() {
  return createClient({ url: inject("redisUrl") })
    .on("error", () => {})
    .connect()
}

function queryOf(pool: pg.Pool): PostgresQuery {
  return ({ name, text, values }) => pool.query({ name, text, values: [...values] })
}

async function dumpSchema(pool: pg.Pool, schema: string): Promise<string> {
  const tables = await pool.query("select tablename from pg_tables where schemaname = $1", [schema])
  const rows = tables.rows.map(({ tablename }) =>
    pool.query(`select row_to_json(t)::text as row from ${schema}.${tablename} t`),
  )
  return (await Promise.all(rows)).flatMap((result) => result.rows.map(({ row }) => row)).join("\n")
}

async function dumpKeys(client: Awaited<ReturnType<typeof newClient>>, prefix: string): Promise<string> {
  const lines: string[] = []
  for (const key of await client.keys(`${prefix}*`)) {
    const value =
      (await client.type(key)) === "zset" ? await client.zRangeWithScores(key, 0, -1) : await client.get(key)
    lines.push(`${key} ${JSON.stringify(value)}`)
  }
  return lines.join("\n")
}
