import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { createBalancer } from "./balancer/balancer.js"
import { upstream } from "./balancer/upstream.js"
import { readSettings } from "./settings.js"

// Two servers on one PostgreSQL and one Redis, this process as the load balancer before them. In production these are
// machines, and a balancer that somebody else wrote; here one command shows that it makes no difference which server answers.
const settings = readSettings(process.env)
if (!settings.databaseUrl || !settings.redisUrl) {
  throw new Error("Several servers need a DATABASE_URL and a REDIS_URL that they share.")
}
const names = ["A", "B"]
const upstreams = names.map((_, index) => upstream(settings.port + 1 + index))
const program = fileURLToPath(new URL("server.js", import.meta.url))
const running = new Set<ChildProcess>()
let stopping = false

process.on("SIGINT", stop)
process.on("SIGTERM", stop)
// Started by another program that is gone.
process.on("disconnect", stop)

const balancer = createBalancer(upstreams)
balancer.on("error", (error) => {
  console.error(error.message)
  stop()
})
await Promise.all(
  upstreams.map(({ port }, index) => new Promise<void>((ready) => keep(names[index] ?? "", port, ready))),
)
balancer.listen(settings.port, settings.host, () => console.log(`ready http://localhost:${settings.port}`))

/** Runs one server until the whole stops: one that ends is back a second later. */
async function keep(name: string, port: number, ready: () => void): Promise<void> {
  while (!stopping) {
    const server = fork(program, {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: {
        ...process.env,
        PORT: String(port),
        HOST: "127.0.0.1",
        ORIGIN: settings.origin,
        TRUSTED_PROXIES: String(settings.trustedProxies + 1),
      },
    })
    running.add(server)
    server.once("message", () => {
      console.log(`server ${name} http://localhost:${port} pid ${server.pid}`)
      ready()
    })
    await once(server, "exit")
    running.delete(server)
    await setTimeout(1000)
  }
}

function stop(): void {
  if (stopping) return
  stopping = true
  balancer.close()
  balancer.closeAllConnections()
  const gone = [...running].map((server) => once(server, "exit"))
  for (const server of running) server.kill()
  Promise.all(gone).then(() => process.exit())
}
