import { randomBytes, timingSafeEqual } from "node:crypto"
import { createRequire } from "node:module"
import { availableParallelism } from "node:os"
import { utf8 } from "../../crypto/utf8.js"
import type { PasswordHasher, RatedHash } from "../hasher.js"
import { formatPhc } from "../phc.js"
import { workQueue } from "../work-queue.js"
import { type Argon2Hash, type Argon2Parameters, checkedArgon2, readArgon2 } from "./parameters.js"

const require = createRequire(import.meta.url)
// As the CommonJS that it is: to import it, Node would first search its loader's 29 kB for names of exports, which takes about as long as
// everything else of a password server's start.
const { hashRaw }: typeof import("@node-rs/argon2") = require("@node-rs/argon2")

/** What a host may change about {@link argon2id}. */
export interface Argon2idOptions extends Partial<Argon2Parameters> {
  /** Memory in KiB (m), 19,456 to 262,144. Default 19,456. */
  readonly memoryKiB?: number
  /** Passes (t), 2 to 64. Default 2. */
  readonly passes?: number
  /** Lanes (p), 1 to 16. Default 1. */
  readonly parallelism?: number
  /**
   * Hashes computed at once, 1 to 64. Default: one more than there are cores, so that none idles until the event loop starts the next
   * hash, but at most 3, since hashes occupy the threads that also read files (libuv has 4). Whoever raises it raises the environment
   * variable UV_THREADPOOL_SIZE above it too.
   */
  readonly concurrency?: number
  /** Hashes that may wait, 0 to 10,000. Default 256. What comes then is answered 503. */
  readonly waiting?: number
}

/**
 * Argon2id (RFC 9106, version 1.3) on @node-rs/argon2: salt of 16 random bytes, hash of 32 bytes, PHC string. The default parameters are
 * the floor; `calibrateArgon2id` finds what a server can afford. Reads argon2i and argon2d too, and whatever parameters lie within
 * bounds; outdated is what is not argon2id version 1.3, has less memory or passes than configured, or a shorter salt or hash.
 * @throws ConfigError `ERR_CONFIG_HASHER` for parameters below the floor or above the bounds. `hash` and `verify` reject with
 * OverloadError when the queue is full.
 */
export function argon2id(options: Argon2idOptions = {}): PasswordHasher {
  const { concurrency = Math.min(availableParallelism() + 1, 3), waiting = 256 } = options
  const { memoryKiB, passes, parallelism } = checkedArgon2(options)
  const run = workQueue({ concurrency, waiting })
  const params = { m: memoryKiB, t: passes, p: parallelism }

  async function hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    const fresh = { variant: "argon2id", version: 19, memoryKiB, passes, parallelism, salt } as const
    const computed = await run(() => compute(fresh, password, 32))
    return formatPhc({ id: "argon2id", version: 19, params, salt, hash: computed })
  }

  function read(stored: string): RatedHash | undefined {
    const known = readArgon2(stored)
    return known && { outdated: isOutdated(known), verify: (password) => verify(known, password) }
  }

  async function verify(known: Argon2Hash, password: string): Promise<boolean> {
    const computed = await run(() => compute(known, password, known.hash.length))
    return timingSafeEqual(computed, known.hash)
  }

  function isOutdated(known: Argon2Hash): boolean {
    if (known.variant !== "argon2id" || known.version !== 19) return true
    const weaker = known.memoryKiB < memoryKiB || known.passes < passes
    return weaker || known.salt.length < 16 || known.hash.length < 32
  }

  // To find a password for 32 random bytes is to break argon2id.
  function decoy(): string {
    return formatPhc({ id: "argon2id", version: 19, params, salt: randomBytes(16), hash: randomBytes(32) })
  }

  return { algorithm: "argon2id", read, hash, decoy, run }
}

// The package's own `verify` has a second parser for the stored string; what ours accepted is computed as ours read it.
function compute(settings: Omit<Argon2Hash, "hash">, password: string, length: number): Promise<Uint8Array> {
  const { variant, version, memoryKiB, passes, parallelism, salt } = settings
  return hashRaw(utf8.encode(password), {
    algorithm: algorithms[variant],
    version: version === 19 ? 1 : 0,
    memoryCost: memoryKiB,
    timeCost: passes,
    parallelism,
    outputLen: length,
    salt,
  })
}

// The package exports these as a const enum, which cannot be imported under isolatedModules.
const algorithms = { argon2d: 0, argon2i: 1, argon2id: 2 } as const
