import { utf8 } from "../../crypto/utf8.js"
import { phcReader } from "../phc.js"
import { isWithinScryptLimits, type ScryptParameters } from "./parameters.js"

/** A stored scrypt hash within the bounds. */
export interface ScryptHash extends ScryptParameters {
  readonly salt: Uint8Array
  readonly hash: Uint8Array
  /** How the password was normalized before it was hashed: ours arrive as NFC, see {@link readColonHash} for the other. */
  readonly form: "NFC" | "NFKC"
}

/** Reads a stored scrypt hash in one of the forms below. Undefined for everything else. */
export function readScrypt(stored: string): ScryptHash | undefined {
  return readPhcHash(stored) ?? readColonHash(stored)
}

const readPhc = phcReader(["ln", "r", "p"])

/**
 * `$scrypt$ln=15,r=8,p=3$salt$hash`, as we, passlib and @phc/scrypt write it: ln is log2 N, salt (1 to 64 bytes) and hash (32 or 64
 * bytes) are unpadded standard Base64. Passlib uses its own alphabet, with "." for "+", elsewhere but not here.
 */
function readPhcHash(stored: string): ScryptHash | undefined {
  const phc = readPhc(stored)
  if (phc?.id !== "scrypt" || phc.version !== undefined) return undefined
  const { ln = 0, r = 0, p = 0 } = phc.params
  const parameters = { cost: 2 ** ln, blockSize: r, parallelization: p }
  if (!isWithinScryptLimits(parameters) || phc.salt.length > 64) return undefined
  if (phc.hash.length !== 32 && phc.hash.length !== 64) return undefined
  return { ...parameters, salt: phc.salt, hash: phc.hash, form: "NFC" }
}

/**
 * `salt:hash` of Better Auth, Lucia 3 and oslo, and `s2:salt:hash` of Lucia 2: N=16384, r=16, p=1, 64 bytes in lower-case hexadecimal,
 * the password in NFKC. The salt is not decoded: its characters are the salt.
 */
function readColonHash(stored: string): ScryptHash | undefined {
  if (typeof stored !== "string" || stored.length > 170) return undefined
  const match = /^(?:s2:([0-9a-z]{16}|[0-9a-f]{32})|([0-9a-f]{32})):([0-9a-f]{128})$/.exec(stored)
  const salt = match?.[1] ?? match?.[2]
  const hex = match?.[3]
  if (!salt || !hex) return undefined
  const hash = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const parameters = { cost: 2 ** 14, blockSize: 16, parallelization: 1 }
  return { ...parameters, salt: utf8.encode(salt), hash, form: "NFKC" }
}
