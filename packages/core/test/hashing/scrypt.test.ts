import { describe, expect, test, vi } from "vitest"
import { ConfigError, OverloadError } from "../../src/errors.js"
import { scrypt } from "../../src/scrypt.js"

const hasher = scrypt()

describe("scrypt", () => {
  test("hashes into a PHC string with a salt of its own, and verifies it", async () => {
    const [stored, again] = await Promise.all([hasher.hash("correct horse"), hasher.hash("correct horse")])
    expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(again).not.toBe(stored)
    expect(hasher.read(stored)?.outdated).toBe(false)
    expect(await hasher.read(stored)?.verify("correct horse")).toBe(true)
  })

  test("counts every byte: the 73rd, and a NUL, even at the end where HMAC itself would not see it", async () => {
    const password = `${"x".repeat(55)}\0${"x".repeat(16)}a\0`
    const stored = await hasher.hash(password)
    const others = [password.replace("a", "b"), password.replace("\0x", "\0y"), password.slice(0, -1)]
    expect(await Promise.all([password, ...others].map((one) => hasher.read(stored)?.verify(one)))).toEqual([
      ...[true, false, false, false],
    ])
    const short = "$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA"
    expect(await hasher.read(short)?.verify("test")).toBe(true)
    expect(await hasher.read(short)?.verify("test\0")).toBe(false)
  })

  test.each([
    // RFC 7914 §12, second and third vector, all 64 bytes. (The first has no salt, the fourth takes 1 GiB: neither is read.)
    [
      "password",
      "$scrypt$ln=10,r=8,p=16$TmFDbA$" +
        "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
    ],
    [
      "pleaseletmein",
      "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$" +
        "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
    ],
    // passlib, passlib/tests/test_handlers_scrypt.py
    ["test", "$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA"],
    ["password", "$scrypt$ln=8,r=2,p=1$dO6d0xoDoLT2PofQGoNQag$g/Wf2A0vhHhaJM+addK61QPBthSmYB6uVTtQzh8CM3o"],
    ["táБℓə", "$scrypt$ln=7,r=8,p=1$jjGmtDamdA4BQAjBeA9BSA$OiWRHhQtpDx7M/793x6UXK14AD512jg/qNm/hkWZG4M"],
    ["nacl", "$scrypt$ln=1,r=4,p=2$yhnD+J+Tci4lZCwFgHCuVQ$fAsEWmxSHuC0cHKMwKVFPzrQukgvK09Sj+NueTSxKds"],
  ])("verifies a published hash of %j", async (password, stored) => {
    expect(hasher.read(stored)?.outdated).toBe(true)
    expect(await hasher.read(stored)?.verify(password)).toBe(true)
    expect(await hasher.read(stored)?.verify(`${password}x`)).toBe(false)
  })

  test.each([
    [
      "Better Auth (@better-auth/utils 0.5.0)",
      "4f8d00c35df9d1c861de983fecb9ea92:812c1d0ad510640a02fb9c1907272173e87f189439a0c1fcdfabf4f745f07596" +
        "8d3065ecd4cf93b45df797887d8b1c6300422404be4969c78c73efdb6b296e20",
    ],
    [
      "Lucia 2.7.7",
      "s2:avhpqh86wn4zx86k:2c488437aa1065ff4dfde6d617794a6a6ad4c21844872affd9992b0b6e73b4f8" +
        "bfeff24cf7e7c309d4f312811350671d5fb66e249c07baaafd7f15c63417651c",
    ],
  ])("verifies what %s made, whose passwords were in NFKC", async (_who, stored) => {
    expect(hasher.read(stored)?.outdated).toBe(true)
    expect(await hasher.read(stored)?.verify("ﬁle cabinet № 12 é")).toBe(true)
    expect(await hasher.read(stored)?.verify("ﬁle cabinet № 13 é")).toBe(false)
  })

  test("does not fold our own passwords together the way NFKC would", async () => {
    const stored = await hasher.hash("ﬁle")
    expect(await hasher.read(stored)?.verify("file")).toBe(false)
  })

  test("outdated is what takes less memory or less work; never what is stronger", () => {
    const [salt, hash] = ["A".repeat(22), "A".repeat(43)]
    for (const [stored, expected] of [
      [`$scrypt$ln=15,r=8,p=3$${salt}$${hash}`, false],
      [`$scrypt$ln=16,r=8,p=2$${salt}$${hash}`, false],
      [`$scrypt$ln=17,r=8,p=1$${salt}$${hash}`, false],
      [`$scrypt$ln=14,r=8,p=5$${salt}$${hash}`, true],
      [`$scrypt$ln=16,r=8,p=1$${salt}$${hash}`, true],
      [`$scrypt$ln=15,r=8,p=3$${"A".repeat(11)}$${hash}`, true],
      ["", undefined],
    ] as const) {
      expect(hasher.read(stored)?.outdated, stored).toBe(expected)
    }
  })

  test("refuses hostile parameters before it computes anything", () => {
    const [salt, hash] = ["A".repeat(22), "A".repeat(43)]
    const startedAt = performance.now()
    for (const parameters of [
      "ln=20,r=8,p=1", // RFC 7914 §12, fourth vector: 1 GiB
      "ln=19,r=8,p=1",
      "ln=63,r=8,p=1",
      "ln=4294967295,r=8,p=1",
      "ln=0,r=8,p=1",
      "ln=15,r=8,p=17",
      "ln=17,r=8,p=5",
      "ln=15,r=33,p=1",
      "ln=15,r=0,p=1",
      "ln=15,r=8,p=0",
      "ln=16,r=1,p=1", // N must be below 2^16 for r=1
    ]) {
      const stored = `$scrypt$${parameters}$${salt}$${hash}`
      expect(hasher.read(stored), parameters).toBeUndefined()
    }
    expect(hasher.read(`$scrypt$ln=15,r=8,p=3$${"A".repeat(87)}$${hash}`)).toBeUndefined()
    expect(hasher.read(`$scrypt$v=1$ln=15,r=8,p=3$${salt}$${hash}`)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test("its decoy looks like a hash of today and matches nothing", async () => {
    const decoy = hasher.decoy()
    expect(decoy).not.toBe(hasher.decoy())
    expect(decoy).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(hasher.read(decoy)?.outdated).toBe(false)
    expect(await hasher.read(decoy)?.verify("x")).toBe(false)
  })

  test("computes what costs the most memory that it may cost", async () => {
    const [salt, hash] = ["A".repeat(22), "A".repeat(43)]
    const stored = `$scrypt$ln=18,r=8,p=1$${salt}$${hash}`
    expect(await hasher.read(stored)?.verify("x")).toBe(false)
  })

  test("goes through its queue", async () => {
    const narrow = scrypt({ concurrency: 1, waiting: 0 })
    const first = narrow.hash("x")
    await expect(narrow.hash("x")).rejects.toThrow(OverloadError)
    await first
  })

  test.each([
    ["on one core", 2, { hardwareConcurrency: 1, userAgent: "Node.js/24" }],
    ["on eight cores", 3, { hardwareConcurrency: 8, userAgent: "Node.js/24" }],
    ["on Node 20, which does not tell", 3, undefined],
    ["on a Worker", 1, { hardwareConcurrency: 1, userAgent: "Cloudflare-Workers" }],
  ])("computes, %s, %i at once", async (_where, expected, navigator) => {
    vi.stubGlobal("navigator", navigator)
    const { run } = scrypt()
    let [running, most] = [0, 0]
    await Promise.all(
      Array.from({ length: 8 }, () =>
        run(async () => {
          most = Math.max(most, ++running)
          await new Promise((resolve) => setImmediate(resolve))
          running--
        }),
      ),
    )
    expect(most).toBe(expected)
  })

  test.each([
    { cost: 2 ** 16, parallelization: 2 },
    { cost: 2 ** 17, parallelization: 1 },
    { parallelization: 4 },
  ])("is made with %o", (options) => {
    const { cost = 2 ** 15, parallelization } = options
    expect(scrypt(options).decoy()).toContain(`$ln=${Math.log2(cost)},r=8,p=${parallelization}$`)
  })

  test.each([
    { parallelization: 2 },
    { cost: 2 ** 14 },
    { cost: 2 ** 14, parallelization: 16 },
    { cost: 2 ** 15 + 1 },
    { cost: 2 ** 16, parallelization: 1 },
    { blockSize: 4, parallelization: 16 },
    { cost: 2 ** 19 },
    { cost: 2 ** 17, parallelization: 16 },
    { cost: Number.NaN },
    { parallelization: 3.5 },
  ])("is not made with %o", (options) => {
    expect(() => scrypt(options)).toThrow(ConfigError)
    expect(() => scrypt(options)).toThrow(/Write cost: 2 \*\* 15/)
  })
})
