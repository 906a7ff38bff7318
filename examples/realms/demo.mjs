// `npm run demo -- realms` in the repository, or `node demo.mjs` here: builds and starts, with nothing to prepare.
import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "./build.mjs"

const env = process.env
env.DATA_DIR ||= fileURLToPath(new URL(".data", import.meta.url))
env.AUTH_SECRET ||= await keptSecret(env.DATA_DIR)
await build()
await import(new URL("dist/server.js", import.meta.url).href)

/**
 * Made at random the first time and kept: a secret that changed with every start would sign everybody out, and one that stood in the code
 * would be everybody's.
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
