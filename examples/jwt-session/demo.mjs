// `npm run demo -- jwt-session` in the repository, or `node demo.mjs` here: builds and starts, with nothing to prepare. A stand-in plays GitHub. The page can
// have the server started again with another kind of sessions.
import { fork } from "node:child_process"
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { once } from "node:events"
import { accessSync, constants } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"

// From the start on: whoever started this may be gone before everything is up. What has been started ends with this process.
process.on("SIGINT", stop)
process.on("SIGTERM", stop)
process.on("disconnect", stop)

/** @type {import("node:child_process").ChildProcess | undefined} */
let server
let restarting = false
let stopping = false

const env = process.env
env.PORT ||= "4200"
env.DATA_DIR ||= fileURLToPath(new URL(".data", import.meta.url))
env.AUTH_SECRET ||= await keptSecret(env.DATA_DIR)
env.JWT_PRIVATE_KEY ||= await keptKey(env.DATA_DIR)
env.ORIGIN ||= `http://localhost:${env.PORT}`
// Short, so that one sees it happen.
env.SESSION_LIFETIME ||= "120"
env.SESSION_GRACE ||= "60"
const local = /^http:\/\/localhost(:\d+)?$/.test(env.ORIGIN)
if (local) env.ERRORS_PAGE ||= "1"
if (!env.REDIS_URL && !hasRedis())
  env.REDIS_MISSING = "there is no REDIS_URL, and no redis-server on this machine"
env.BUILD_DIR = await build()
if (local && !env.GITHUB_CLIENT_ID) await startStandIn()

server = await startServer(env.SESSIONS || "jwt")
console.log(`ready http://localhost:${env.PORT}`)

/**
 * In a process of its own, which is ended to change how it keeps sessions.
 *
 * @param {string} sessions
 */
async function startServer(sessions) {
  if (sessions === "redis") env.REDIS_URL ||= await redisOfOurOwn()
  const child = fork(new URL("server.mjs", import.meta.url), {
    env: { ...env, SESSIONS: sessions, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  })
  const [message] = await Promise.race([once(child, "message"), once(child, "exit")])
  if (message !== "ready") process.exit(1)
  child.on("message", (wish) => restart(wish))
  child.once("exit", (code) => {
    if (child === server) process.exit(code ?? 1)
  })
  return child
}

/** @param {unknown} wish */
async function restart(wish) {
  if (restarting || typeof wish !== "object" || wish === null || !("sessions" in wish)) return
  restarting = true
  await endServer()
  server = await startServer(String(wish.sessions))
  restarting = false
}

/**
 * In a process of its own, which is never told the secret. By its address and not by the name localhost, so that to a browser it is another site
 * than the application, as GitHub is.
 */
async function startStandIn() {
  const url = env.GITHUB_URL || `http://127.0.0.1:${Number(env.PORT) + 3}`
  Object.assign(env, { GITHUB_URL: url, GITHUB_API_URL: url })
  // No secrets: whoever reaches the stand-in may say there that they are anybody.
  Object.assign(env, { GITHUB_CLIENT_ID: "almanac", GITHUB_CLIENT_SECRET: "the-stand-in-believes-everybody" })
  const { AUTH_SECRET: _, JWT_PRIVATE_KEY: __, ...others } = env
  const standIn = fork(new URL("stand-in/github.mjs", import.meta.url), {
    env: { ...others, STAND_IN_URL: url },
  })
  let running = false
  standIn.once("exit", () => {
    if (!running) process.exit(1)
    console.error("The stand-in has ended. Start the demo again to sign in through it.")
  })
  await once(standIn, "message")
  running = true
}

/** Whether this machine could start a Redis. Nothing is installed for a demo. */
function hasRedis() {
  const places = (env.PATH ?? "").split(delimiter)
  return places.some((place) =>
    ["redis-server", "valkey-server"].some((name) => {
      try {
        accessSync(join(place, name), constants.X_OK)
        return true
      } catch {
        return false
      }
    }),
  )
}

/** With its files in a temporary directory; it ends with this process. */
async function redisOfOurOwn() {
  if (env.REDIS_MISSING) throw new Error(`Sessions in Redis: ${env.REDIS_MISSING}.`)
  const { startRedis } = await import("../../tools/services/redis.mjs")
  return (await startRedis()).url
}

/**
 * Made at random the first time, so that sessions survive a restart; one that stood in the code would be everybody's.
 *
 * @param {string} directory
 */
function keptSecret(directory) {
  return kept(directory, "auth-secret", randomBytes(32).toString("base64url"))
}

/** @param {string} directory */
function keptKey(directory) {
  const { privateKey } = generateKeyPairSync("ed25519")
  return kept(directory, "jwt-key.pem", privateKey.export({ format: "pem", type: "pkcs8" }))
}

/**
 * What is in the file, which gets this if there is none.
 *
 * @param {string} directory
 * @param {string} name
 * @param {string | Buffer} fresh
 */
async function kept(directory, name, fresh) {
  const file = join(directory, name)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, fresh, { mode: 0o600, flag: "wx" }).catch((error) => {
    if (error.code !== "EEXIST") throw error
  })
  return readFile(file, "utf8")
}

/** Also ends what is kept of it: from here on its end is no reason to end as well. */
async function endServer() {
  const former = server
  server = undefined
  if (!former || former.exitCode !== null || former.signalCode !== null) return
  const gone = once(former, "exit")
  former.kill("SIGTERM")
  await gone
}

async function stop() {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), 6000).unref()
  await endServer()
  process.exit()
}
