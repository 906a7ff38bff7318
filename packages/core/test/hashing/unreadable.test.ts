import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { argon2id } from "../../src/argon2.js"
import { bcrypt } from "../../src/bcrypt.js"
import type { PasswordVerifier } from "../../src/hashing/hasher.js"
import { pbkdf2 } from "../../src/pbkdf2.js"
import { scrypt } from "../../src/scrypt.js"

/** Every verifier with one hash that it reads, in each of its forms. A new verifier that is not here fails below. */
const table: readonly (readonly [PasswordVerifier, string])[] = [
  [argon2id(), "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"],
  [scrypt(), "$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA"],
  [scrypt(), `${"0a".repeat(16)}:${"0b".repeat(64)}`],
  [scrypt(), `s2:avhpqh86wn4zx86k:${"0b".repeat(64)}`],
  [bcrypt(), "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  [pbkdf2(), "$pbkdf2-sha256$i=1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw"],
  [pbkdf2(), "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"],
  [pbkdf2(), "pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="],
]

/** What stands in password columns of accounts without a password, and what is left of a hash in a column that was too short. */
const marks: readonly unknown[] = [
  ...[
    "",
    " ",
    "!",
    "!!",
    "*",
    "*0",
    "*1",
    "x",
    "NULL",
    "null",
    "undefined",
    "\0",
    "$",
    "$$",
    "$$$$",
    ":",
    "::",
  ],
  ...[null, undefined, 0, 1, true, false, {}, [], ["$2b$"], Number.NaN, () => "x"],
  ...["$argon2id$", "$scrypt$", "$2b$", "pbkdf2_sha256$", "5f4dcc3b5aa765d61d8327deb882cf99", "plain text"],
]

describe.each(table)("$algorithm (%#)", (verifier, readable) => {
  test("reads what it should", () => {
    expect(verifier.read(readable)).toBeDefined()
  })

  test.each(marks.map((mark) => [mark]))("never reads %j", (mark) => {
    expect(verifier.read(mark as string)).toBeUndefined()
  })

  test("reads garbage without throwing, and hashes with one character changed", () => {
    const anything = fc.oneof(fc.anything(), fc.string({ unit: "binary", maxLength: 300 }))
    const position = fc.nat({ max: readable.length - 1 })
    const changed = fc
      .tuple(position, fc.string({ unit: "binary", maxLength: 2 }))
      .map(([at, piece]) => readable.slice(0, at) + piece + readable.slice(at + 1))
    fc.assert(
      fc.property(fc.oneof(anything, changed), (stored) => {
        expect(() => verifier.read(stored as string)).not.toThrow()
      }),
      { numRuns: 200 },
    )
  })

  test("reads no hash that lost its end or its beginning", () => {
    const read = []
    for (let length = 0; length < readable.length; length++) {
      if (verifier.read(readable.slice(0, length))) read.push(`first ${length}`)
      if (length > 0 && verifier.read(readable.slice(length))) read.push(`from ${length}`)
    }
    expect(read).toEqual([])
  })

  test("reads no hash with something before, after or around it", () => {
    const around = [" ", "\n", "\0", "$", "=", ".", "a", "x".repeat(1_000_000)]
    const read = around.flatMap((piece) =>
      [readable + piece, piece + readable, `"${readable}"`].filter((text) => verifier.read(text)),
    )
    expect(read).toEqual([])
  })

  test("is not stalled by long strings of the right characters", () => {
    const startedAt = performance.now()
    for (const piece of [
      "$",
      "$2b$10$",
      "a",
      "A",
      "1",
      ":",
      "=",
      ",",
      "$pbkdf2-sha256$",
      "pbkdf2_sha256$1$",
    ]) {
      expect(verifier.read(piece.repeat(1_000_000))).toBeUndefined()
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

test("no verifier reads the hashes of another", () => {
  for (const [verifier] of table) {
    for (const [owner, readable] of table) {
      expect(verifier.read(readable) !== undefined).toBe(verifier.algorithm === owner.algorithm)
    }
  }
})
