import { ConfigError } from "../../errors.js"

/** What one scrypt hash costs, RFC 7914 §2, with the names that node:crypto gives them. */
export interface ScryptParameters {
  /** N, a power of two. Memory is 128 × cost × blockSize bytes. */
  readonly cost: number
  /** r. */
  readonly blockSize: number
  /** p: how often the work is done, one after the other. */
  readonly parallelization: number
}

/** The default and the least that new hashes may cost: OWASP Password Storage Cheat Sheet. 32 MiB, so that it fits into a Worker. */
const scryptFloor: ScryptParameters = { cost: 32_768, blockSize: 8, parallelization: 3 }

/**
 * The most that a hash may cost, ours or a stored one: 256 MiB and 16 times the work of N=2^15, r=8, p=1 (about two seconds). It leaves
 * room for N=2^17 and for what passlib, @phc/scrypt and Better Auth write, and none for a string that is meant to stall.
 */
const scryptLimits = {
  memoryBytes: 268_435_456,
  work: 4_194_304,
  blockSize: 32,
  parallelization: 16,
} as const

/** Whether computing is both possible (RFC 7914 §2: N < 2^(128 × r / 8)) and within {@link scryptLimits}. */
export function isWithinScryptLimits(parameters: ScryptParameters): boolean {
  const { cost, blockSize, parallelization } = parameters
  return (
    cost >= 2 &&
    cost < 2 ** (16 * blockSize) &&
    Number.isInteger(Math.log2(cost)) &&
    isCount(blockSize, scryptLimits.blockSize) &&
    isCount(parallelization, scryptLimits.parallelization) &&
    128 * cost * blockSize <= scryptLimits.memoryBytes &&
    scryptWork(parameters) <= scryptLimits.work
  )
}

/** N × r × p: what the time grows with. */
export function scryptWork({ cost, blockSize, parallelization }: ScryptParameters): number {
  return cost * blockSize * parallelization
}

/**
 * The parameters for new hashes: N at least 2^15, r at least 8, and the work of the floor in all, so that N=2^16, p=2 and N=2^17, p=1
 * will do as well.
 * @throws ConfigError `ERR_CONFIG_HASHER` below the floor or above the limits
 */
export function checkedScrypt(options: Partial<ScryptParameters>): ScryptParameters {
  const { cost, blockSize, parallelization } = { ...scryptFloor, ...options }
  const chosen = { cost, blockSize, parallelization }
  const strong = cost >= scryptFloor.cost && blockSize >= 8 && scryptWork(chosen) >= scryptWork(scryptFloor)
  if (strong && isWithinScryptLimits(chosen)) return chosen
  throw new ConfigError(
    "ERR_CONFIG_HASHER",
    `scrypt cost=${cost}, blockSize=${blockSize}, parallelization=${parallelization} is ${strong ? "too much" : "too weak"}. ` +
      "Write cost: 2 ** 15, parallelization: 3, or cost: 2 ** 16, parallelization: 2, or cost: 2 ** 17, parallelization: 1.",
  )
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}
