import { describe, expect, test } from "vitest"
import { argon2id, calibrateArgon2id } from "../../src/argon2.js"
import { ConfigError } from "../../src/errors.js"
import { tuneArgon2 } from "../../src/hashing/argon2/calibrate.js"
import type { Argon2Parameters } from "../../src/hashing/argon2/parameters.js"

/** A machine that fills so many KiB in a millisecond. */
function machine(kibPerMs: number): (parameters: Argon2Parameters) => Promise<number> {
  return async ({ memoryKiB, passes }) => (memoryKiB * passes) / kibPerMs
}

describe("calibration", () => {
  test.each([
    ["never goes below the floor", 1, 100, 65_536, { memoryKiB: 19_456, passes: 2 }],
    ["keeps the floor if it takes just the time", 2_000, 19.456, 65_536, { memoryKiB: 19_456, passes: 2 }],
    ["takes memory first", 2_000, 40, 65_536, { memoryKiB: 39_936, passes: 2 }],
    ["then passes", 2_000, 100, 65_536, { memoryKiB: 65_536, passes: 3 }],
    ["and memory alone where there is enough", 2_000, 200, 262_144, { memoryKiB: 199_680, passes: 2 }],
    ["never goes above the bounds", 1_000_000, 2_000, 262_144, { memoryKiB: 262_144, passes: 4 }],
    ["passes included", 1_000_000, 2_000, 19_456, { memoryKiB: 19_456, passes: 53 }],
  ])("%s", async (_what, kibPerMs, targetMs, memoryLimitKiB, expected) => {
    const found = await tuneArgon2({ targetMs, memoryLimitKiB }, machine(kibPerMs))
    expect(found).toEqual({ ...expected, parallelism: 1 })
    expect(() => argon2id(found)).not.toThrow()
  })

  test("on this machine, gives parameters that argon2id takes", async () => {
    const found = await calibrateArgon2id({ targetMs: 30, memoryLimitKiB: 24_000 })
    expect(found.memoryKiB).toBeGreaterThanOrEqual(19_456)
    expect(found.memoryKiB).toBeLessThanOrEqual(24_000)
    expect(await argon2id(found).hash("x")).toContain(`$m=${found.memoryKiB},t=${found.passes},p=1$`)
  })

  test.each([
    { targetMs: 0 },
    { targetMs: 2_001 },
    { targetMs: Number.NaN },
    { targetMs: 50, memoryLimitKiB: 19_455 },
    { targetMs: 50, memoryLimitKiB: 262_145 },
  ])("is refused for %o", async (options) => {
    await expect(calibrateArgon2id(options)).rejects.toThrow(ConfigError)
  })
})
