import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { Agent, request } from "node:http"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { migrate, postgresStores } from "@mortise/adapter-postgres"
import { newUser } from "@mortise/core/testing"
import { build } from "esbuild"
import pg from "pg"

/** What a node is told when it starts. */
export interface NodeSettings {
  readonly redisUrl: string
  /** Of the connection that listens, which a test may lead through a wire of its own. */
  readonly subscriberUrl: string
  readonly postgresUrl: string
  readonly schema: string
  readonly prefix: string
  /** Seconds. */
  readonly ttl: number
}

/** A session as its browser and the test know it. */
export interface OpenSession {
  readonly id: string
  readonly userId: string
  readonly cookie: string
}

/** A node, asked over HTTP on connections that stay open. */
export interface RunningNode {
  open(userId: string): Promise<OpenSession>
  /** The status of the answer to who comes with this session. */
  me(session: OpenSession): Promise<number>
  end(session: OpenSession): Promise<void>
  stop(): Promise<void>
}

/** Processes on one database, one Redis, one channel. */
export interface Nodes {
  readonly userId: string
  start(settings?: Partial<NodeSettings>): Promise<RunningNode>
  close(): Promise<void>
}

export async function nodesOver(
  shared: Pick<NodeSettings, "redisUrl" | "postgresUrl" | "ttl">,
): Promise<Nodes> {
  const schema = `tiered_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`
  const pool = new pg.Pool({ connectionString: shared.postgresUrl, max: 2 })
  await migrate((statement) => pool.query(statement), { schema })
  const { users } = postgresStores((statement) => pool.query(statement), { schema })
  const user = await users.create(newUser())
  if (!user) throw new Error("The user was not created.")
  const { file, remove } = await program()
  const running: RunningNode[] = []

  return {
    userId: user.id,
    async start(settings = {}) {
      const all = { ...shared, subscriberUrl: shared.redisUrl, schema, prefix: `${schema}:`, ...settings }
      const node = await startNode(file, all)
      running.push(node)
      return node
    },
    async close() {
      await Promise.all(running.map((node) => node.stop()))
      await pool.query(`drop schema if exists ${schema} cascade`)
      await pool.end()
      await remove()
    },
  }
}

/** The node's program out of the sources, beside this file, so that it finds its packages. */
async function program(): Promise<{ file: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(fileURLToPath(new URL("../../node_modules/.tiered-", import.meta.url)))
  const file = join(directory, "node.mjs")
  await build({
    entryPoints: [fileURLToPath(new URL("node-program.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@mortise/source"],
    external: ["pg", "redis"],
  })
  return { file, remove: () => rm(directory, { recursive: true }) }
}

async function startNode(file: string, settings: NodeSettings): Promise<RunningNode> {
  const child = fork(file, {
    env: { ...process.env, NODE_OPTIONS: "", NODE_SETTINGS: JSON.stringify(settings) },
  })
  const port = await portOf(child)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })

  function ask(method: string, path: string, cookie = ""): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: "127.0.0.1", port, method, path, agent, headers: { cookie } },
        (response) => {
          let body = ""
          response.setEncoding("utf8")
          response.on("data", (part: string) => {
            body += part
          })
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body }))
        },
      )
      asked.on("error", reject).end()
    })
  }

  return {
    async open(userId) {
      const { body } = await ask("POST", `/open?user=${userId}`)
      const { id, token } = JSON.parse(body)
      return { id, userId, cookie: `__Host-session=${token}` }
    },
    me: async ({ cookie }) => (await ask("GET", "/me", cookie)).status,
    async end({ id, userId }) {
      const { body } = await ask("POST", `/end?user=${userId}&id=${id}`)
      if (body !== '{"ended":true}') throw new Error(`The session did not end: ${body}`)
    },
    async stop() {
      agent.destroy()
      if (child.exitCode !== null) return
      const gone = once(child, "exit")
      child.kill()
      await gone
    },
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const [first] = await Promise.race([once(child, "message"), once(child, "exit")])
  if (typeof first === "object" && first !== null && typeof first.port === "number") return first.port
  throw new Error("The node did not start.")
}
