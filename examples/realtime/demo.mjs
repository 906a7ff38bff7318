// `npm run demo -- realtime` in the repository, or `node demo.mjs` here: builds and starts, with nothing to prepare.
//   (nothing)  one server, PostgreSQL inside it
//   --scale    two servers behind a load balancer, on one PostgreSQL and one Redis
// Without an SMTP_URL, a mail server of its own takes mails and text messages, which are read at /mails.
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
env.KEEPERS ||= "keeper@example.com"
const scale = process.argv.includes("--scale")
if (scale) await startMissingServices()
await build()
if (!env.SMTP_URL) await startMailbox()
await import(new URL(scale ? "dist/scale.js" : "dist/server.js", import.meta.url).href)

/**
 * Made at random the first time and kept: a secret that changed with every start would make every telephone number and authenticator app unreadable,
 * and one that stood in the code would be everybody's.
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

/** In a process of its own, which ends with this one and is never told the secret: mails leave by SMTP, as they would anywhere. */
async function startMailbox() {
  const port = Number(env.PORT || 4400)
  env.SMTP_URL = `smtp://127.0.0.1:${port + 3}`
  env.MAILBOX_URL = `http://127.0.0.1:${port + 4}`
  const { AUTH_SECRET: _, ...others } = env
  const mailbox = fork(new URL("dist/stand-in.js", import.meta.url), { env: others })
  let running = false
  mailbox.once("exit", () => {
    if (!running) process.exit(1)
    console.error("The mail server has ended. Start the demo again to get mails.")
  })
  await once(mailbox, "message")
  running = true
}

/** Servers of this machine, with their files in a temporary directory; they end with this process. */
async function startMissingServices() {
  const { startPostgres } = await import("../../tools/services/postgres.mjs")
  const { startRedis } = await import("../../tools/services/redis.mjs")
  env.DATABASE_URL ||= (await startPostgres()).url
  env.REDIS_URL ||= (await startRedis()).url
}
