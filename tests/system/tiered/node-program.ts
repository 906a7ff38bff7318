import { createServer, type ServerResponse } from "node:http"
import { postgresStores } from "@mortise/adapter-postgres"
import { redisMessages, redisStores } from "@mortise/adapter-redis"
import { createAuth, opaque, StoreError } from "@mortise/core"
import { tiered } from "@mortise/core/tiered"
import pg from "pg"
import { createClient } from "redis"
import type { NodeSettings } from "./nodes.js"

/*
 * One node, as a process of its own: POST /open opens a session of the user that is named, GET /me says who is there, POST /end ends the
 * session that is named. What a host would do, and nothing else.
 */

const settings: NodeSettings = JSON.parse(process.env["NODE_SETTINGS"] ?? "{}")

async function connected(url: string) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: 50, connectTimeout: 500 },
  })
  client.on("error", () => {})
  await client.connect()
  return client
}

const client = await connected(settings.redisUrl)
const subscriber = await connected(settings.subscriberUrl)
const pool = new pg.Pool({ connectionString: settings.postgresUrl, max: 10 })
pool.on("error", () => {})

const messages = redisMessages(
  {
    publish: (channel, text) => client.publish(channel, text),
    async subscribe(channel, { gap, message }) {
      subscriber.on("ready", gap)
      await subscriber.subscribe(channel, message)
      return () => subscriber.unsubscribe(channel, message)
    },
  },
  { prefix: settings.prefix },
)
const { sessionCache } = redisStores(({ args }) => client.sendCommand(args), {
  prefix: settings.prefix,
  timeout: 0.5,
})
const truth = postgresStores((statement) => pool.query(statement), { schema: settings.schema })
const sessions = tiered({
  memory: { max: 100_000, ttl: settings.ttl },
  redis: sessionCache,
  postgres: truth.sessions,
  messages,
})
await sessions.ready()

const auth = createAuth({
  origin: "https://app.example.com",
  secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
  stores: { users: truth.users, sessions },
  sessions: opaque({ acceptStaleness: sessions.staleness }),
  flows: {},
})

async function route(method: string, url: URL, cookie: string | undefined): Promise<[number, object]> {
  const query = (name: string): string => url.searchParams.get(name) ?? ""
  if (method === "POST" && url.pathname === "/open") {
    const user = await truth.users.find(query("user"))
    if (!user) return [404, {}]
    const opened = await auth.sessions.open(await auth.sessions.begin(user.id), user, ["pwd"], {})
    if (!opened.ok) return [409, {}]
    return [200, { token: opened.session.token, id: opened.session.principal.session.id }]
  }
  if (method === "POST" && url.pathname === "/end") {
    return [200, { ended: await auth.sessions.end(query("user"), query("id"), "revoked", {}) }]
  }
  const header = (name: string): string | undefined => (name === "cookie" ? cookie : undefined)
  const { principal } = await auth.authenticate({ method, target: url.pathname, header })
  return principal ? [200, { user: principal.userId }] : [401, {}]
}

function answer(response: ServerResponse, [status, body]: [number, object]): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

const server = createServer((request, response) => {
  const { cookie } = request.headers
  route(request.method ?? "", new URL(request.url ?? "/", "http://node"), cookie).then(
    (answered) => answer(response, answered),
    (fault: unknown) => answer(response, [fault instanceof StoreError ? 503 : 500, { fault: String(fault) }]),
  )
})
// Who asks keeps connections open, and may be held up for longer than the five seconds after which they would be closed.
server.keepAliveTimeout = 120_000
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.send?.({ port: typeof address === "object" ? address?.port : undefined })
})
process.on("disconnect", () => process.exit())
