import { availableParallelism } from "node:os"
import { describe, expect, test } from "vitest"
import { argon2id } from "../../src/argon2.js"
import { ConfigError, OverloadError } from "../../src/errors.js"

const hasher = argon2id()

describe("argon2id", () => {
  test("hashes into a PHC string with the floor's parameters and a salt of its own, and verifies it", async () => {
    const [stored, again] = await Promise.all([hasher.hash("correct horse"), hasher.hash("correct horse")])
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(again).not.toBe(stored)
    expect(hasher.read(stored)?.outdated).toBe(false)
    expect(await hasher.read(stored)?.verify("correct horse")).toBe(true)
    expect(await hasher.read(again)?.verify("correct horse")).toBe(true)
    expect(await hasher.read(stored)?.verify("correct horsf")).toBe(false)
    expect(await hasher.read(stored)?.verify("")).toBe(false)
  })

  // The vectors of RFC 9106 §5 use associated data, which the package cannot take. These are those of the reference
  // implementation, github.com/P-H-C/phc-winner-argon2, src/test.c, and its command line for argon2d.
  test.each([
    ["argon2id", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"],
    ["2 lanes", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"],
    ["64 MiB", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"],
    ["argon2i", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"],
    ["argon2d", "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8"],
    ["argon2i 1.0", "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"],
    [
      "argon2i 1.0, 2 lanes",
      "$argon2i$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs",
    ],
  ])(
    "verifies the reference implementation's %s, which is outdated where it is weaker",
    async (what, stored) => {
      expect(await hasher.read(stored)?.verify("password")).toBe(true)
      expect(await hasher.read(stored)?.verify("passwore")).toBe(false)
      // All of them have a salt of 8 bytes.
      expect(hasher.read(stored)?.outdated, what).toBe(true)
    },
  )

  test("counts every byte: the 73rd, what follows a NUL, and one in a thousand", async () => {
    for (const [password, other] of [
      [`${"x".repeat(72)}a`, `${"x".repeat(72)}b`],
      ["before\0after", "before\0other"],
      ["before\0after", "before"],
      ["secret", "secret\0"],
      ["secret\0", "secret"],
      [`${"é".repeat(511)}a`, `${"é".repeat(511)}b`],
    ] as const) {
      const stored = await hasher.hash(password)
      expect(await hasher.read(stored)?.verify(password)).toBe(true)
      expect(await hasher.read(stored)?.verify(other)).toBe(false)
    }
  })

  test("outdated is what is another variant or weaker, never what is stronger; another algorithm is not read", () => {
    const [salt, hash] = ["A".repeat(22), "A".repeat(43)]
    const strict = argon2id({ memoryKiB: 32_768, passes: 3 })
    for (const [stored, expected] of [
      [`$argon2id$v=19$m=32768,t=3,p=1$${salt}$${hash}`, false],
      [`$argon2id$v=19$m=65536,t=3,p=1$${salt}$${hash}`, false],
      [`$argon2id$v=19$m=32768,t=4,p=1$${salt}$${hash}`, false],
      [`$argon2id$v=19$m=32768,t=3,p=4$${salt}$${hash}`, false],
      [`$argon2id$v=19$m=32767,t=3,p=1$${salt}$${hash}`, true],
      [`$argon2id$v=19$m=65536,t=2,p=1$${salt}$${hash}`, true],
      [`$argon2id$v=16$m=32768,t=3,p=1$${salt}$${hash}`, true],
      [`$argon2i$v=19$m=32768,t=3,p=1$${salt}$${hash}`, true],
      [`$argon2d$v=19$m=32768,t=3,p=1$${salt}$${hash}`, true],
      [`$argon2id$v=19$m=32768,t=3,p=1$${"A".repeat(11)}$${hash}`, true],
      [`$argon2id$v=19$m=32768,t=3,p=1$${salt}$${"A".repeat(22)}`, true],
      ["$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", undefined],
      ["", undefined],
    ] as const) {
      expect(strict.read(stored)?.outdated, stored).toBe(expected)
    }
  })

  test("refuses hostile parameters before it computes anything", () => {
    const [salt, hash] = ["A".repeat(22), "A".repeat(43)]
    const startedAt = performance.now()
    for (const parameters of [
      "m=4294967295,t=1,p=1",
      "m=262145,t=1,p=1",
      "m=262144,t=5,p=1",
      "m=19456,t=65,p=1",
      "m=19456,t=4294967295,p=1",
      "m=19456,t=2,p=17",
      "m=19456,t=2,p=0",
      "m=19456,t=0,p=1",
      "m=0,t=2,p=1",
      "m=7,t=2,p=1",
      "m=31,t=2,p=4",
    ]) {
      const stored = `$argon2id$v=19$${parameters}$${salt}$${hash}`
      expect(hasher.read(stored), parameters).toBeUndefined()
    }
    expect(hasher.read(`$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(87)}$${hash}`)).toBeUndefined()
    expect(hasher.read(`$argon2id$v=19$m=19456,t=2,p=1$${"A".repeat(10)}$${hash}`)).toBeUndefined()
    expect(hasher.read(`$argon2id$v=19$m=19456,t=2,p=1$${salt}$${"A".repeat(88)}`)).toBeUndefined()
    expect(hasher.read(`$argon2id$v=18$m=19456,t=2,p=1$${salt}$${hash}`)).toBeUndefined()
    expect(hasher.read(`$argon2x$v=19$m=19456,t=2,p=1$${salt}$${hash}`)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test("its decoy looks like a hash of today, with the same parameters and lengths, and matches nothing", async () => {
    const decoy = hasher.decoy()
    expect(decoy).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(decoy).not.toBe(hasher.decoy())
    expect(hasher.read(decoy)?.outdated).toBe(false)
    expect(await hasher.read(decoy)?.verify("")).toBe(false)
    expect(argon2id({ memoryKiB: 32_768, passes: 3 }).decoy()).toContain("$m=32768,t=3,p=1$")
  })

  test("what was cut off to another length that is read matches nothing", async () => {
    // The tag of the reference implementation's vector, 22 of its 43 characters, and the left-over bits zero.
    const cut = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"
    expect(await hasher.read(cut)?.verify("password")).toBe(false)
  })

  test("goes through its queue, and so does what the host runs on it", async () => {
    const narrow = argon2id({ concurrency: 1, waiting: 1 })
    const first = narrow.hash("x")
    const second = narrow.run(async () => "foreign")
    await expect(narrow.read(narrow.decoy())?.verify("x")).rejects.toThrow(OverloadError)
    await expect(narrow.hash("x")).rejects.toMatchObject({ code: "ERR_OVERLOAD" })
    expect(await Promise.all([first, second])).toEqual([expect.stringMatching(/^\$argon2id/), "foreign"])
  })

  test("computes one more at once than there are cores, but at most three", async () => {
    let [running, most] = [0, 0]
    await Promise.all(
      Array.from({ length: 8 }, () =>
        argon2idRun(async () => {
          most = Math.max(most, ++running)
          await new Promise((resolve) => setImmediate(resolve))
          running--
        }),
      ),
    )
    expect(most).toBe(Math.min(availableParallelism() + 1, 3))
  })

  test.each([
    [{ memoryKiB: 19_455 }, /memoryKiB: 19455 .* from 19456 to 262144/],
    [{ memoryKiB: 262_145 }, /memoryKiB/],
    [{ memoryKiB: 20_000.5 }, /memoryKiB/],
    [{ passes: 1 }, /passes: 1 .* from 2 to 64/],
    [{ passes: 65 }, /passes/],
    [{ parallelism: 0 }, /parallelism/],
    [{ parallelism: 17 }, /parallelism/],
    [{ memoryKiB: 262_144, passes: 8 }, /Write at most 1048576/],
    [{ concurrency: 0 }, /concurrency/],
    [{ waiting: -1 }, /waiting/],
  ])("is not made with %o", (options, message) => {
    expect(() => argon2id(options)).toThrow(ConfigError)
    expect(() => argon2id(options)).toThrow(message)
  })

  test("what it may be configured to write, it also reads", async () => {
    const large = argon2id({ memoryKiB: 32_768, passes: 3, parallelism: 2 })
    const stored = await large.hash("x")
    expect(await hasher.read(stored)?.verify("x")).toBe(true)
  })
})

const argon2idRun = argon2id().run
