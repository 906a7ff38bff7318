import { pbkdf2 as computePbkdf2, timingSafeEqual } from "node:crypto"
import { utf8 } from "../crypto/utf8.js"
import { decodeBase64 } from "./base64.js"
import type { KnownHash, PasswordVerifier } from "./hasher.js"
import { hmacKey } from "./hmac-key.js"
import { parseDecimal, phcReader } from "./phc.js"

interface Pbkdf2Hash {
  readonly digest: "sha256" | "sha512"
  readonly iterations: number
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

// Django 6.1 writes 1,500,000; two million take about a second.
const mostIterations = 2_000_000

const hashLengths = { sha256: 32, sha512: 64 } as const

/**
 * Reads the PBKDF2 hashes (RFC 8018 §5.2, HMAC with SHA-256 or SHA-512) of another system, on node:crypto. It makes no new ones. Forms:
 * - `$pbkdf2-sha256$i=…$salt$hash` (PHC; with `,l=…` too), unpadded standard Base64
 * - `$pbkdf2-sha256$29000$salt$hash` (passlib), the same with "." for "+"
 * - `pbkdf2_sha256$1000000$salt$hash` (Django), the salt as it stands, the hash in padded Base64
 *
 * At most 2,000,000 iterations, 1 to 64 bytes of salt, a hash exactly as long as the digest. Workers in production refuse more than
 * 100,000 iterations, which they do not do locally: there, such a hash makes `verify` reject.
 */
export function pbkdf2(): PasswordVerifier {
  return { algorithm: "pbkdf2", read }
}

function read(stored: string): KnownHash | undefined {
  const known = readPbkdf2(stored)
  return known && { verify: (password) => verify(known, password) }
}

async function verify(known: Pbkdf2Hash, password: string): Promise<boolean> {
  return timingSafeEqual(await compute(known, password), known.hash)
}

function compute({ digest, iterations, salt, hash }: Pbkdf2Hash, password: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    computePbkdf2(hmacKey(password), salt, iterations, hash.length, digest, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

function readPbkdf2(stored: string): Pbkdf2Hash | undefined {
  if (typeof stored !== "string" || stored.length > 256) return undefined
  const read = readPhcHash(stored) ?? readPasslibHash(stored) ?? readDjangoHash(stored)
  return read && isWithinLimits(read) ? read : undefined
}

const readPhc = phcReader(["i"])
const readPhcWithLength = phcReader(["i", "l"])

function readPhcHash(stored: string): Pbkdf2Hash | undefined {
  const phc = readPhc(stored) ?? readPhcWithLength(stored)
  const digest = digestOf(phc?.id)
  if (!phc || !digest || phc.version !== undefined) return undefined
  const { i: iterations = 0, l: length = phc.hash.length } = phc.params
  return length === phc.hash.length ? { digest, iterations, salt: phc.salt, hash: phc.hash } : undefined
}

function readPasslibHash(stored: string): Pbkdf2Hash | undefined {
  const match = /^\$(pbkdf2-sha(?:256|512))\$(\d+)\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)$/.exec(stored)
  const digest = digestOf(match?.[1])
  const iterations = parseDecimal(match?.[2])
  const salt = decodeBase64(match?.[3]?.replaceAll(".", "+") ?? "")
  const hash = decodeBase64(match?.[4]?.replaceAll(".", "+") ?? "")
  return digest && iterations && salt && hash ? { digest, iterations, salt, hash } : undefined
}

function readDjangoHash(stored: string): Pbkdf2Hash | undefined {
  const match = /^pbkdf2_sha256\$(\d+)\$([\x21-\x23\x25-\x7e]+)\$([A-Za-z0-9+/]{43})=$/.exec(stored)
  const iterations = parseDecimal(match?.[1])
  const salt = utf8.encode(match?.[2])
  const hash = decodeBase64(match?.[3] ?? "")
  return match && iterations && hash ? { digest: "sha256", iterations, salt, hash } : undefined
}

function digestOf(id: string | undefined): "sha256" | "sha512" | undefined {
  if (id === "pbkdf2-sha256") return "sha256"
  return id === "pbkdf2-sha512" ? "sha512" : undefined
}

function isWithinLimits({ digest, iterations, salt, hash }: Pbkdf2Hash): boolean {
  const bounded = iterations >= 1 && iterations <= mostIterations
  return bounded && salt.length >= 1 && salt.length <= 64 && hash.length === hashLengths[digest]
}
