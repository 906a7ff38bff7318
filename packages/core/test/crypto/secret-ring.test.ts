import { createHash, createHmac } from "node:crypto"
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { equalInConstantTime } from "../../src/crypto/equal.js"
import * as portable from "../../src/crypto/primitives.js"
import * as onNode from "../../src/crypto/primitives.node.js"
import { isDigestOf, secretRing } from "../../src/crypto/secret-ring.js"
import { ConfigError } from "../../src/errors.js"

const old = "0f2Qk6kqvV7bE1ZcXwq8pL4nM3tR9sYu"
const fresh = "Zx81mVbNqLwe7RtYuIoPasDfGhJk2l3C"

describe("the secret ring", () => {
  test("digests are HMAC-SHA-256 of purpose and text", () => {
    const expected = createHmac("sha256", old).update("limit\0ada@example.com").digest("base64url")
    expect(secretRing(old).digests("limit", "ada@example.com")[0]).toBe(expected)
  })
  test("a digest for one purpose is worth nothing for another", () => {
    const ring = secretRing(old)
    expect(isDigestOf(ring, "limit", "x", ring.digests("limit", "x")[0])).toBe(true)
    expect(isDigestOf(ring, "event", "x", ring.digests("limit", "x")[0])).toBe(false)
  })
  test("rotation: the new secret makes, both check, a removed one no longer does", () => {
    const made = secretRing(old).digests("limit", "x")[0]
    const rotated = secretRing([fresh, old])
    expect(isDigestOf(rotated, "limit", "x", made)).toBe(true)
    expect(rotated.digests("limit", "x")[0]).toBe(secretRing(fresh).digests("limit", "x")[0])
    expect(isDigestOf(secretRing(fresh), "limit", "x", made)).toBe(false)
  })
  test("it never shows its secrets", () => {
    expect(inspect(secretRing([fresh, old]), { depth: 9, showHidden: true })).not.toMatch(/0f2Qk6|Zx81mV/)
  })
  test.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
    ["empty list", []],
    ["a hole in the list", [fresh, undefined]],
    ["an empty old one", [fresh, ""]],
    ["a number", 42],
    ["short", "0f2Qk6kqvV7bE1ZcXwq8pL4nM3tR9sY"],
    ["one character repeated", "a".repeat(64)],
    ["a few characters repeated", "changeme".repeat(8)],
  ])("%s is refused with what to write", (_, secret) => {
    expect(() => secretRing(secret as string)).toThrow(ConfigError)
    expect(() => secretRing(secret as string)).toThrow(/openssl rand/)
  })
  test.each([
    ["seven distinct characters", "01234560214365340612503165240316"],
    ["a phrase repeated", "correct horse battery ".repeat(2)],
    ["a phrase repeated, the last one cut off", "0123456789abcdef-0123456789abcdef"],
    ["a phrase of eight signs repeated", "changeme1".repeat(4)],
  ])("%s is refused as not random", (_, secret) => {
    expect(() => secretRing(secret)).toThrow("secret is not random.")
  })
  test.each([
    ["hex digits of which only eight occur", "01234567021436534067125031652407"],
    ["hex digits", "9f86d081884c7d659a2feaa0c55ad015"],
    ["a UUID", "3b241101-e2bb-4255-8caf-4136c566a962"],
  ])("%s are taken: that is random enough", (_, secret) => {
    expect(() => secretRing(secret)).not.toThrow()
  })
})

describe("HMAC-SHA-256", () => {
  // RFC 4231 §4.2, 4.3, 4.4, 4.7 (a key longer than a block).
  test.each([
    [
      "0b".repeat(20),
      Buffer.from("Hi There").toString("hex"),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      Buffer.from("Jefe").toString("hex"),
      Buffer.from("what do ya want for nothing?").toString("hex"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    ["aa".repeat(20), "dd".repeat(50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"],
    [
      "aa".repeat(131),
      Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First").toString("hex"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ])("key %s", (key, message, expected) => {
    for (const { hmacSha256 } of [portable, onNode]) {
      const digest = hmacSha256(Buffer.from(key, "hex"), Buffer.from(message, "hex"))
      expect(Buffer.from(digest, "base64url").toString("hex")).toBe(expected)
    }
  })
})

describe("digests", () => {
  test("both implementations of SHA-256 agree with the published vectors (FIPS 180-4 examples)", () => {
    const vectors: readonly [string, string][] = [
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      [
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      ],
    ]
    for (const [text, hex] of vectors) {
      const expected = Buffer.from(hex, "hex").toString("base64url")
      expect(portable.sha256(text)).toBe(expected)
      expect(onNode.sha256(text)).toBe(expected)
    }
    const text = "ä€𝄞".repeat(50)
    expect(portable.sha256(text)).toBe(createHash("sha256").update(text).digest("base64url"))
  })
  test("comparison", () => {
    expect(equalInConstantTime("abc", "abc")).toBe(true)
    for (const other of ["abd", "bbc", "ab", "abcd", ""])
      expect(equalInConstantTime("abc", other)).toBe(false)
  })
  test.each([
    ["anywhere", portable],
    ["on Node", onNode],
  ])(
    "random texts %s have the promised length, use every character everywhere, and do not repeat",
    (_, { randomText }) => {
      const texts = Array.from({ length: 2000 }, () => randomText(65))
      expect(new Set(texts).size).toBe(2000)
      for (const text of texts) expect(text).toMatch(/^[\w-]{65}$/)
      for (let place = 0; place < 65; place++) expect(new Set(texts.map((text) => text[place])).size).toBe(64)
    },
  )
})
