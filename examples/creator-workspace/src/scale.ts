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
const running = new Map<string, ChildProcess>()
let stopping = false

await Promise.all(upstreams.map(({ port }, index) => start(names[index] ?? "", port)))

const balancer = createBalancer(upstreams)
balancer.on("error", (error) => {
  console.error(error.message)
  stop()
})
balancer.listen(settings.port, settings.host, () => console.log(`ready http://localhost:${settings.port}`))
process.on("SIGINT", stop)
process.on("SIGTERM", stop)
// Started by another program that is gone.
process.on("disconnect", stop)

/** Runs one server until the whole stops; one that dies is back a second later. Resolves when it can be used. */
async function start(name: string, port: number): Promise<void> {
  const child = fork(fileURLToPath(new URL("server.js", import.meta.url)), {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: {
      ...process.env,
      PORT: String(port),
      HOST: "127.0.0.1",
      ORIGIN: settings.origin,
      TRUSTED_PROXIES: String(settings.trustedProxies + 1),
    },
  })
  running.set(name, child)
  child.once("exit", async () => {
    running.delete(name)
    await setTimeout(1000)
    if (!stopping) await start(name, port)
  })
  await Promise.race([once(child, "message"), once(child, "exit")])
  if (running.has(name)) console.log(`server ${name} http://localhost:${port} pid ${child.pid}`)
}

function stop(): void {
  if (stopping) return
  stopping = true
  balancer.close()
  balancer.closeAllConnections()
  const gone = [...running.values()].map((child) => once(child, "exit"))
  for (const child of running.values()) child.kill()
  Promise.all(gone).then(() => process.exit())
}
