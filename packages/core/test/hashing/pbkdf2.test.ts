import { describe, expect, test } from "vitest"
import { pbkdf2 } from "../../src/pbkdf2.js"

const verifier = pbkdf2()
const wav = "Ιωαννης"

describe("PBKDF2", () => {
  test.each([
    // RFC 7914 §11; a hash as long as the digest is the first block of its 64 bytes.
    ["RFC 7914", "passwd", "$pbkdf2-sha256$i=1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw"],
    ["RFC 7914", "Password", "$pbkdf2-sha256$i=80000$TmFDbA$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1Y"],
    [
      "with its length",
      "passwd",
      "$pbkdf2-sha256$i=1,l=32$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw",
    ],
    // passlib/tests/test_handlers_pbkdf2.py
    [
      "passlib",
      "password",
      "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
    ],
    [
      "passlib",
      wav,
      "$pbkdf2-sha256$1212$3SABFJGDtyhrQMVt1uABPw$WyaUoqCLgvz97s523nF4iuOqZNbp5Nt8do/cuaa7AiI",
    ],
    [
      "passlib, SHA-512",
      "password",
      "$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow" +
        "$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww",
    ],
    // django/contrib/auth/tests and tests/auth_tests/test_hashers.py
    ["Django 1.5", "lètmein", "pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="],
    ["Django 3.0", "lètmein", "pbkdf2_sha256$180000$seasalt$gH56uAM9k5UGHuCzAYqLtJQ7AFgnXEZ4LMzt71ldHoc="],
  ])("verifies a published hash: %s, %j", async (_source, password, stored) => {
    expect(await verifier.read(stored)?.verify(password)).toBe(true)
    expect(await verifier.read(stored)?.verify(`${password}x`)).toBe(false)
    expect(await verifier.read(stored)?.verify(`${password}\0`)).toBe(false)
  })

  test("counts byte 73 and what follows a NUL", async () => {
    const { pbkdf2Sync } = await import("node:crypto")
    const password = `${"x".repeat(72)}a\0b`
    const hash = pbkdf2Sync(password, "seasalt", 10, 32, "sha256").toString("base64")
    const stored = `pbkdf2_sha256$10$seasalt$${hash}`
    expect(await verifier.read(stored)?.verify(password)).toBe(true)
    expect(await verifier.read(stored)?.verify(`${"x".repeat(72)}b\0b`)).toBe(false)
    expect(await verifier.read(stored)?.verify(`${"x".repeat(72)}a\0c`)).toBe(false)
  })

  const hash = "VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw"
  test.each([
    ["too many iterations", `$pbkdf2-sha256$i=2000001$c2FsdA$${hash}`],
    ["hostile iterations", `$pbkdf2-sha256$4294967295$c2FsdA$${hash}`],
    ["hostile iterations of Django's", `pbkdf2_sha256$4294967295$seasalt$${hash}=`],
    ["no iterations", `$pbkdf2-sha256$i=0$c2FsdA$${hash}`],
    ["a leading zero", `$pbkdf2-sha256$01212$c2FsdA$${hash}`],
    ["a leading zero of Django's", `pbkdf2_sha256$010$seasalt$${hash}=`],
    ["another length than it says", `$pbkdf2-sha256$i=1,l=64$c2FsdA$${hash}`],
    ["SHA-1", `$pbkdf2$1212$c2FsdA$${hash}`],
    ["a short hash", `$pbkdf2-sha256$i=1$c2FsdA$${hash.slice(0, 22)}`],
    ["a hash of SHA-512's length", `$pbkdf2-sha256$i=1$c2FsdA$${"A".repeat(86)}`],
    ["a long salt", `$pbkdf2-sha256$i=1$${"A".repeat(87)}$${hash}`],
    ["no salt", `pbkdf2_sha256$10000$$${hash}=`],
    ["a long salt of Django's", `pbkdf2_sha256$10000$${"s".repeat(65)}$${hash}=`],
    ["white space in Django's salt", `pbkdf2_sha256$10000$sea salt$${hash}=`],
    ["missing padding in Django's", `pbkdf2_sha256$10000$seasalt$${hash}`],
    ["plus instead of dot in passlib's", `$pbkdf2-sha256$1212$c2Fsd+A$${hash}`],
    ["Django's mark for no password", "!eV2QhrtE0hQJzWVbO0YmLqqQ7JgqmE9oXxV3PqLZ"],
  ])("does not read %s, and computes nothing for it", (_what, stored) => {
    const startedAt = performance.now()
    expect(verifier.read(stored)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
