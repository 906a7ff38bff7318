import { generateKeyPairSync } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { JWK } from "oidc-provider"

/**
 * The key under the ID tokens. It is made the first time and kept, as a provider's key outlives a restart: applications that hold its
 * public half go on believing it.
 */
export async function keptSigningKey(directory: string): Promise<JWK> {
  const file = join(directory, "stand-in-key.json")
  const kept = await readFile(file, "utf8").catch(() => undefined)
  if (kept !== undefined) return JSON.parse(kept)
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const fresh = { ...privateKey.export({ format: "jwk" }), kid: "stand-in", alg: "RS256", use: "sig" }
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(file, JSON.stringify(fresh), { mode: 0o600, flag: "wx" })
  return fresh
}
