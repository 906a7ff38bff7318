import { ConfigError } from "../../errors.js"
import { phcReader } from "../phc.js"

/** What one argon2 hash costs, RFC 9106 §3.1. */
export interface Argon2Parameters {
  /** Memory in KiB (m). */
  readonly memoryKiB: number
  /** Passes over that memory (t). */
  readonly passes: number
  /** Lanes that may be computed at the same time (p). */
  readonly parallelism: number
}

/** The least that new hashes may cost: OWASP Password Storage Cheat Sheet, argon2id. About 20 ms on one core. */
export const argon2Floor: Argon2Parameters = { memoryKiB: 19_456, passes: 2, parallelism: 1 }

/**
 * The most that a hash may cost, ours or a stored one: 256 MiB, 64 passes, 16 lanes, and 1 GiB filled in all (about a second). It leaves
 * room for the defaults of libsodium ("moderate"), PHP, Django, Spring and argon2-cffi, and none for a string that is meant to stall.
 */
export const argon2Limits = { memoryKiB: 262_144, passes: 64, parallelism: 16, filledKiB: 1_048_576 } as const

/** The variants that are read. New hashes are argon2id. */
export type Argon2Variant = "argon2d" | "argon2i" | "argon2id"

/** A stored argon2 hash within the bounds. */
export interface Argon2Hash extends Argon2Parameters {
  readonly variant: Argon2Variant
  readonly version: 16 | 19
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/**
 * Reads a stored `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (or argon2i, argon2d; no `v=` means version 16, as in the reference
 * implementation) whose cost is within {@link argon2Limits}, with 8 to 64 bytes of salt and a hash of 16 (argon2-cffi until 2021), 32 or
 * 64 bytes. Undefined for everything else. A hash of 32 bytes of which just 16 are left is read, and matches nothing: the length goes
 * into the computation (RFC 9106 §3.3).
 */
export function readArgon2(stored: string): Argon2Hash | undefined {
  const phc = readPhc(stored)
  const variant = variantOf(phc?.id)
  const version = phc?.version ?? 16
  if (!phc || !variant || (version !== 16 && version !== 19)) return undefined
  const { m: memoryKiB = 0, t: passes = 0, p: parallelism = 0 } = phc.params
  const read = { variant, version, memoryKiB, passes, parallelism, salt: phc.salt, hash: phc.hash } as const
  const sound = isWithinLimits(read) && memoryKiB >= 8 * parallelism
  return sound && hasUsualLengths(read) ? read : undefined
}

const readPhc = phcReader(["m", "t", "p"])

/**
 * The parameters for new hashes.
 * @throws ConfigError `ERR_CONFIG_HASHER` below the floor or above the limits
 */
export function checkedArgon2(options: Partial<Argon2Parameters>): Argon2Parameters {
  const { memoryKiB, passes, parallelism } = { ...argon2Floor, ...options }
  const chosen = { memoryKiB, passes, parallelism }
  for (const name of ["memoryKiB", "passes", "parallelism"] as const) {
    const [least, most] = [argon2Floor[name], argon2Limits[name]]
    if (Number.isInteger(chosen[name]) && chosen[name] >= least && chosen[name] <= most) continue
    throw new ConfigError(
      "ERR_CONFIG_HASHER",
      `argon2id ${name}: ${chosen[name]} is out of bounds. Write a whole number from ${least} to ${most}, or leave it out.`,
    )
  }
  if (isWithinLimits(chosen)) return chosen
  throw new ConfigError(
    "ERR_CONFIG_HASHER",
    `argon2id: memoryKiB × passes = ${memoryKiB * passes} is too much. Write at most ${argon2Limits.filledKiB}.`,
  )
}

function isWithinLimits({ memoryKiB, passes, parallelism }: Argon2Parameters): boolean {
  return (
    memoryKiB >= 8 &&
    memoryKiB <= argon2Limits.memoryKiB &&
    passes >= 1 &&
    passes <= argon2Limits.passes &&
    parallelism >= 1 &&
    parallelism <= argon2Limits.parallelism &&
    memoryKiB * passes <= argon2Limits.filledKiB
  )
}

function variantOf(id: string | undefined): Argon2Variant | undefined {
  return id === "argon2id" || id === "argon2i" || id === "argon2d" ? id : undefined
}

// A hash of any other length has most likely lost its end.
function hasUsualLengths({ salt, hash }: Argon2Hash): boolean {
  return salt.length >= 8 && salt.length <= 64 && [16, 32, 64].includes(hash.length)
}
