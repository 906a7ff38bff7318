// One server, after `pnpm build`: Next behind our own few lines of HTTP, which tell it where a connection comes from.
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import next from "next"

const { env } = process
const port = Number(env.PORT || 4200)
const hostname = env.HOST || "127.0.0.1"
const here = fileURLToPath(new URL(".", import.meta.url))

// From the start on: whoever started this may be gone before everything is up.
let stop = () => void process.exit()
process.on("SIGINT", () => stop())
process.on("SIGTERM", () => stop())
process.on("disconnect", () => stop())

const app = next({ dev: false, dir: here, hostname, port })
await app.prepare()
const answer = app.getRequestHandler()

const server = createServer((req, res) => {
  // Next shows its handlers no socket. What the client wrote stays in front, where nobody believes it.
  const forwarded = [req.headers["x-forwarded-for"], req.socket.remoteAddress]
  req.headers["x-forwarded-for"] = forwarded.filter(Boolean).join(", ")
  answer(req, res)
})
server.on("error", fail)
server.listen(port, hostname, async () => {
  try {
    await openDatabase()
    console.log(`${env.SESSIONS || "jwt"} sessions, pid ${process.pid}`)
    if (process.send) process.send("ready")
    else console.log(`ready http://localhost:${port}`)
  } catch (error) {
    fail(/** @type {Error} */ (error))
  }
})

/** The embedded one recovers what a former server left unfinished, which may take longer than a request may. */
async function openDatabase() {
  for (let tries = 10; ; tries--) {
    const health = await fetch(`http://${hostname}:${port}/api/health`)
    if (health.ok) return
    if (tries === 1) throw new Error(await health.text())
    await sleep(500)
  }
}

/** @param {Error} error */
function fail(error) {
  console.error(error.message)
  process.exit(1)
}

// Lets requests under way finish; neither a browser that holds on to its connection nor a database that hangs is waited for.
stop = () => {
  stop = () => {}
  setTimeout(() => server.closeAllConnections(), 1000).unref()
  setTimeout(() => process.exit(1), 5000).unref()
  server.close(async () => {
    await /** @type {any} */ (globalThis)[Symbol.for("almanac application")]?.stores.close()
    process.exit()
  })
  server.closeIdleConnections()
}
