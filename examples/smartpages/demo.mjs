// `npm run demo -- smartpages` in the repository, or `node demo.mjs` here: builds and starts all Workers in workerd, with nothing to prepare and no
// account at Cloudflare. A stand-in for Resend shows the mails at /mails.
import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"
import { startStandIn } from "./local/mails/stand-in.mjs"
import { startSmartPages } from "./local/smart-pages.mjs"

const { AUTH_SECRET, DATA_DIR, PORT } = process.env
const port = portOf(PORT || "4100")
const dataDirectory = DATA_DIR || fileURLToPath(new URL(".data", import.meta.url))

const secret = AUTH_SECRET || (await keptSecret(dataDirectory))
await build()
const standIn = await startStandIn()
const workers = await startSmartPages({ port, dataDirectory, secret, standIn: standIn.origin }).catch(
  (error) => {
    console.error(error.message)
    process.exit(1)
  },
)
console.log(`mails http://localhost:${port}/mails`)
console.log(`ready http://localhost:${port}`)

let stopping = false
async function stop() {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), 5000).unref()
  await workers.dispose()
  await standIn.stop()
  process.exit()
}
process.on("SIGINT", stop)
process.on("SIGTERM", stop)
// Started by another program that is gone.
process.on("disconnect", stop)

/** @param {string} text */
function portOf(text) {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number > 0 && number < 65_536) return number
  console.error(`PORT is ${text}. Write a number, as 4100.`)
  return process.exit(1)
}

/**
 * Made at random the first time and kept, so that links in mails survive a restart; one that stood in the code would be everybody's.
 *
 * @param {string} directory
 */
async function keptSecret(directory) {
  const file = join(directory, "auth-secret")
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" }).catch((error) => {
    if (error.code !== "EEXIST") throw error
  })
  return readFile(file, "utf8")
}
