// `npm run demo` in the repository, or `node demo.mjs` here: builds and starts, with nothing to prepare.
//   (nothing)  one server, PostgreSQL inside it
//   --scale    two servers behind a load balancer, on one PostgreSQL and one Redis
// Without an id of a real provider, a stand-in plays Google, GitHub and Microsoft.
import { fork } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"

const env = process.env
env.DATA_DIR ||= fileURLToPath(new URL(".data", import.meta.url))
env.AUTH_SECRET ||= await keptSecret(env.DATA_DIR)
const scale = process.argv.includes("--scale")
if (scale) await startMissingServices()
await build()
if (wantsStandIn()) await startStandIn()
await import(new URL(scale ? "dist/scale.js" : "dist/server.js", import.meta.url).href)

/**
 * Made at random the first time and kept: a secret that changed with every start would take the throttles' memory
 * with it, and one that stood in the code would be everybody's.
 *
 * @param {string} directory
 * @returns {Promise<string>}
 */
async function keptSecret(directory) {
  const file = join(directory, "auth-secret")
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" }).catch((error) => {
    if (error.code !== "EEXIST") throw error
  })
  return readFile(file, "utf8")
}

/** Real providers go before it, and off localhost it would let anybody in. */
function wantsStandIn() {
  const real = ["GOOGLE", "GITHUB", "MICROSOFT"].some(
    (name) => env[`${name}_CLIENT_ID`] || env[`${name}_CLIENT_SECRET`],
  )
  const local = !env.ORIGIN || /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(env.ORIGIN)
  return !env.STAND_IN_URL && !real && local
}

/**
 * In a process of its own, which ends with this one and is never told the secret. By its address and not by the name localhost, so that to a
 * browser it is another site than the application, as a real provider is.
 */
async function startStandIn() {
  env.STAND_IN_URL = `http://127.0.0.1:${Number(env.PORT || 4000) + 3}`
  const { AUTH_SECRET: _, ...others } = env
  const standIn = fork(new URL("dist/stand-in.js", import.meta.url), { env: others })
  let running = false
  standIn.once("exit", () => {
    if (!running) process.exit(1)
    console.error("The stand-in has ended. Start the demo again to sign in through it.")
  })
  await once(standIn, "message")
  running = true
}

/** Servers of this machine, with their files in a temporary directory; they end with this process. */
async function startMissingServices() {
  const { startPostgres } = await import("../../tools/services/postgres.mjs")
  const { startRedis } = await import("../../tools/services/redis.mjs")
  env.DATABASE_URL ||= (await startPostgres()).url
  env.REDIS_URL ||= (await startRedis()).url
}
