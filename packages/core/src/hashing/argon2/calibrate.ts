import { ConfigError } from "../../errors.js"
import type { PasswordHasher } from "../hasher.js"
import { argon2id } from "./argon2id.js"
import { type Argon2Parameters, argon2Floor, argon2Limits } from "./parameters.js"

/** What {@link calibrateArgon2id} aims at. */
export interface CalibrationOptions {
  /** How long one hash may take on this machine, in milliseconds, 1 to 2,000. */
  readonly targetMs: number
  /** Memory that one hash may take, in KiB, 19,456 to 262,144. Default 65,536. It is needed once for every hash at the same time. */
  readonly memoryLimitKiB?: number
}

/**
 * Finds parameters for `argon2id()` on this machine, never below its floor: as much memory as fits into the time, then more passes (the
 * order of RFC 9106 §4, since memory is what an attacker has to pay for). Computes about ten hashes, so run it once, on the idle machine
 * that will serve, and write the numbers into the configuration: servers that each calibrate for themselves re-hash each
 * other's passwords.
 * @throws ConfigError `ERR_CONFIG_HASHER` for a target or limit out of bounds
 */
export async function calibrateArgon2id(options: CalibrationOptions): Promise<Argon2Parameters> {
  const { targetMs, memoryLimitKiB = 65_536 } = options
  checkRange("targetMs", targetMs, 1, 2_000)
  checkRange("memoryLimitKiB", memoryLimitKiB, argon2Floor.memoryKiB, argon2Limits.memoryKiB)
  return tuneArgon2({ targetMs, memoryLimitKiB }, measure)
}

/** The decision alone: `timeOf` tells how many milliseconds a hash with such parameters takes. */
export async function tuneArgon2(
  { targetMs, memoryLimitKiB }: Required<CalibrationOptions>,
  timeOf: (parameters: Argon2Parameters) => Promise<number>,
): Promise<Argon2Parameters> {
  const floorMs = await timeOf(argon2Floor)
  if (floorMs >= targetMs) return argon2Floor
  const affordableKiB = roundDown(argon2Floor.memoryKiB * (targetMs / floorMs), 1_024)
  const memoryKiB = Math.max(argon2Floor.memoryKiB, Math.min(affordableKiB, Math.floor(memoryLimitKiB)))
  const enlargedMs = await timeOf({ ...argon2Floor, memoryKiB })
  const most = Math.min(argon2Limits.passes, Math.floor(argon2Limits.filledKiB / memoryKiB))
  const passes = Math.floor(argon2Floor.passes * (targetMs / enlargedMs))
  return { ...argon2Floor, memoryKiB, passes: Math.max(argon2Floor.passes, Math.min(passes, most)) }
}

// The best of three: what disturbs a measurement only ever makes it longer. The first run pays for fresh memory.
async function measure(parameters: Argon2Parameters): Promise<number> {
  const hasher = argon2id(parameters)
  await timeOneHash(hasher)
  return Math.min(await timeOneHash(hasher), await timeOneHash(hasher), await timeOneHash(hasher))
}

async function timeOneHash(hasher: PasswordHasher): Promise<number> {
  const startedAt = performance.now()
  await hasher.hash("correct horse battery staple")
  return performance.now() - startedAt
}

function roundDown(value: number, step: number): number {
  return Math.floor(value / step) * step
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return
  throw new ConfigError(
    "ERR_CONFIG_HASHER",
    `calibrateArgon2id ${name}: ${value} is out of bounds. Write ${least} to ${most}.`,
  )
}
