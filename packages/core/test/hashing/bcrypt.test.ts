import { describe, expect, test } from "vitest"
import { bcrypt } from "../../src/bcrypt.js"

const verifier = bcrypt()

// Cost 10.
const stored = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
const salt = "CCCCCCCCCCCCCCCCCCCCC."
const hash = "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

describe("bcrypt", () => {
  // Openwall's crypt_blowfish, wrapper.c, but for those whose passwords are not UTF-8.
  test.each([
    ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
    ["U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
    ["U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
    ["", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"],
    [
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
      "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
    ],
  ])(
    "verifies the hash of %j that Openwall published, under all three names",
    async (password, published) => {
      for (const name of ["$2a$", "$2b$", "$2y$"]) {
        const renamed = published.replace("$2a$", name)
        expect(await verifier.read(renamed)?.verify(password)).toBe(true)
        expect(await verifier.read(renamed)?.verify(`${password.slice(0, 71)}\u{1}`)).toBe(false)
      }
    },
  )

  test("a password that bcrypt would cut off at 72 bytes never matches", async () => {
    const published = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
    const beginning = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    expect(await verifier.read(published)?.verify(`${beginning}chars after 72 are ignored`)).toBe(false)
    expect(await verifier.read(published)?.verify(`${beginning}x`)).toBe(false)
  })

  test("nor does one that C would cut off at a NUL", async () => {
    const published = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    for (const password of ["U*U\0", "U*U\0x", "\0U*U"]) {
      expect(await verifier.read(published)?.verify(password)).toBe(false)
    }
    const empty = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"
    expect(await verifier.read(empty)?.verify("\0")).toBe(false)
  })

  test("and neither is quicker than a wrong password", async () => {
    const known = verifier.read(stored.replace("$10$", "$08$"))
    expect(known).toBeDefined()
    const best: Record<string, number> = {}
    const passwords = { wrong: "wrong", long: "x".repeat(73), longest: "x".repeat(1024), nul: "a\0b" }
    // In twelve turns a busy machine lets each through undisturbed once.
    for (let round = 0; round < 12; round++) {
      for (const [name, password] of Object.entries(passwords)) {
        const startedAt = performance.now()
        await known?.verify(password)
        best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, performance.now() - startedAt)
      }
    }
    // Without a computation it would be a hundredth; the rest is room for a busy machine.
    for (const name of ["long", "longest", "nul"])
      expect((best[name] ?? 0) / (best.wrong ?? 0), name).toBeGreaterThan(0.3)
  })

  test.each(["04", "14"])("reads cost %s", (cost) => {
    expect(verifier.read(`$2b$${cost}$${salt}${hash}`)).toBeDefined()
  })

  test.each([
    ["a hostile cost", `$2b$31$${salt}${hash}`],
    ["cost 15", `$2b$15$${salt}${hash}`],
    ["cost 3", `$2b$03$${salt}${hash}`],
    ["cost 0", `$2b$00$${salt}${hash}`],
    ["a cost of one digit", `$2b$5$${salt}${hash}`],
    ["a cost with a sign", `$2b$+4$${salt}${hash}`],
    ["the broken variant", `$2x$10$${salt}${hash}`],
    ["the first version", `$2$10$${salt}${hash}`],
    ["an unknown variant", `$2c$10$${salt}${hash}`],
    ["a character too few", stored.slice(0, -1)],
    ["a character too many", `${stored}.`],
    ["a line break", `${stored}\n`],
    ["a foreign character", stored.replace("E5Y", "E+Y")],
    // The package answers false to these two without computing, so the difference could be heard.
    ["left-over bits in the salt", `$2b$10$${salt.slice(0, -1)}C${hash}`],
    ["left-over bits in the hash", `$2b$10$${salt}${hash.slice(0, -1)}V`],
  ])("does not read %s, and computes nothing for it", (_what, text) => {
    const startedAt = performance.now()
    expect(verifier.read(text)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
