import { scrypt as computeScrypt, randomBytes, timingSafeEqual } from "node:crypto"
import type { PasswordHasher, RatedHash } from "../hasher.js"
import { hmacKey } from "../hmac-key.js"
import { formatPhc } from "../phc.js"
import { workQueue } from "../work-queue.js"
import { checkedScrypt, type ScryptParameters, scryptWork } from "./parameters.js"
import { readScrypt, type ScryptHash } from "./stored-scrypt.js"

/** What a host may change about {@link scrypt}. */
export interface ScryptOptions extends Partial<ScryptParameters> {
  /** N, a power of two from 2^15. Default 2^15. Memory is 128 × cost × blockSize bytes; a Worker has 128 MiB in all. */
  readonly cost?: number
  /** r, 8 to 32. Default 8. */
  readonly blockSize?: number
  /** p, 1 to 16. Default 3. */
  readonly parallelization?: number
  /**
   * Hashes computed at once, 1 to 64. Default: one more than there are cores, so that none idles until the event loop starts the next
   * hash, but at most 3, since hashes occupy the threads that also read files (libuv has 4). 1 on Workers.
   */
  readonly concurrency?: number
  /** Hashes that may wait, 0 to 10,000. Default 256. What comes then is answered 503. */
  readonly waiting?: number
}

/**
 * Scrypt (RFC 7914) on node:crypto, for where argon2 cannot run, such as Workers (with nodejs_compat): salt of 16 random bytes, hash of
 * 32 bytes, PHC string. Reads the PHC strings of others and the `salt:hash` of Better Auth, Lucia and oslo; outdated is what is no PHC
 * string, takes less memory or less work than configured, or has a shorter salt or hash.
 * @throws ConfigError `ERR_CONFIG_HASHER` for parameters below the floor or above the bounds. `hash` and `verify` reject with
 * OverloadError when the queue is full.
 */
export function scrypt(options: ScryptOptions = {}): PasswordHasher {
  const { concurrency = usualConcurrency(), waiting = 256 } = options
  const chosen = checkedScrypt(options)
  const { cost, blockSize, parallelization } = chosen
  const run = workQueue({ concurrency, waiting })
  const params = { ln: Math.log2(cost), r: blockSize, p: parallelization }

  async function hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    const computed = await run(() => compute({ ...chosen, salt, form: "NFC" }, password, 32))
    return formatPhc({ id: "scrypt", params, salt, hash: computed })
  }

  function read(stored: string): RatedHash | undefined {
    const known = readScrypt(stored)
    return known && { outdated: isOutdated(known), verify: (password) => verify(known, password) }
  }

  async function verify(known: ScryptHash, password: string): Promise<boolean> {
    const computed = await run(() => compute(known, password, known.hash.length))
    return timingSafeEqual(computed, known.hash)
  }

  function isOutdated(known: ScryptHash): boolean {
    if (known.form !== "NFC") return true
    const weaker = known.cost * known.blockSize < cost * blockSize || scryptWork(known) < scryptWork(chosen)
    return weaker || known.salt.length < 16 || known.hash.length < 32
  }

  // To find a password for 32 random bytes is to break scrypt.
  function decoy(): string {
    return formatPhc({ id: "scrypt", params, salt: randomBytes(16), hash: randomBytes(32) })
  }

  return { algorithm: "scrypt", read, hash, decoy, run }
}

function compute(settings: Omit<ScryptHash, "hash">, password: string, length: number): Promise<Uint8Array> {
  const { cost, blockSize, parallelization, salt, form } = settings
  const key = hmacKey(form === "NFKC" ? password.normalize("NFKC") : password)
  // What OpenSSL counts: N + 2 blocks to mix in, and one for each p.
  const maxmem = 128 * blockSize * (cost + 2 + parallelization)
  return new Promise((resolve, reject) => {
    const limits = { cost, blockSize, parallelization, maxmem }
    computeScrypt(key, salt, length, limits, (error, hash) => (error ? reject(error) : resolve(hash)))
  })
}

// Not os.availableParallelism(): a Worker has no node:os unless its compatibility date is recent. Node 20 has no navigator.
function usualConcurrency(): number {
  const { hardwareConcurrency: cores = 2, userAgent = "" } = globalThis.navigator ?? {}
  return userAgent === "Cloudflare-Workers" ? 1 : Math.min(cores + 1, 3)
}
