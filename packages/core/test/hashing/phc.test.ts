import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decodeBase64, encodeBase64 } from "../../src/hashing/base64.js"
import { formatPhc, phcReader } from "../../src/hashing/phc.js"

const readPhc = phcReader(["m", "t", "p"])
const good = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

describe("PHC strings", () => {
  test("are read into their parts", () => {
    expect(readPhc(good)).toEqual({
      id: "argon2id",
      version: 19,
      params: { m: 256, t: 2, p: 1 },
      salt: new TextEncoder().encode("somesalt"),
      hash: decodeBase64("nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
    })
  })

  test("without a version have none", () => {
    expect(readPhc(good.replace("$v=19", ""))).toMatchObject({ id: "argon2id", version: undefined })
  })

  test("come out of format as they went in", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
    const number = fc.nat({ max: 9_999_999_999 })
    const readMt = phcReader(["m", "t"])
    fc.assert(
      fc.property(bytes, bytes, number, fc.option(number, { nil: undefined }), (salt, hash, m, version) => {
        const phc = { id: "argon2id", version, params: { m, t: 2 }, salt, hash }
        expect(readMt(formatPhc(phc))).toEqual(phc)
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ["nothing", ""],
    ["no dollar", "argon2id"],
    ["something before the first dollar", `x${good}`],
    ["no id", good.replace("argon2id", "")],
    ["no hash", good.slice(0, good.lastIndexOf("$"))],
    ["an empty hash", good.slice(0, good.lastIndexOf("$") + 1)],
    ["no salt", good.replace("c29tZXNhbHQ", "")],
    ["a field too many", `${good}$`],
    ["a parameter too many", good.replace("p=1", "p=1,x=1")],
    ["a parameter missing", good.replace(",p=1", "")],
    ["a parameter twice", good.replace("t=2", "m=2")],
    ["another order", good.replace("m=256,t=2", "t=2,m=256")],
    ["__proto__", good.replace("m=256", "__proto__=256")],
    ["an empty number", good.replace("m=256", "m=")],
    ["a leading zero", good.replace("m=256", "m=0256")],
    ["a sign", good.replace("m=256", "m=+256")],
    ["an exponent", good.replace("m=256", "m=2e2")],
    ["hexadecimal", good.replace("m=256", "m=0x10")],
    ["a fraction", good.replace("m=256", "m=256.0")],
    ["Arabic digits", good.replace("m=256", "m=٢٥٦")],
    ["eleven digits", good.replace("m=256", "m=10000000000")],
    ["a broken version", good.replace("v=19", "v=")],
    ["padding", `${good}=`],
    ["the URL alphabet", good.replace("R/u", "R_u")],
    ["left-over bits", `${good.slice(0, -1)}5`],
    ["white space at the end", `${good}\n`],
    ["white space at the start", ` ${good}`],
    ["a NUL", `${good}\0`],
    ["too long", good.replace("c29tZXNhbHQ", "c29t".repeat(60))],
  ])("are not read with %s", (_what, text) => {
    expect(readPhc(text)).toBeUndefined()
  })

  test.each([null, undefined, 1, {}, [], Symbol("x")])("are not read from %s", (value) => {
    expect(readPhc(value as unknown as string)).toBeUndefined()
  })

  test("are given up at once when they are huge", () => {
    const startedAt = performance.now()
    for (const piece of ["$", "$m=1", ",", "a", "=", "1"]) readPhc(piece.repeat(5_000_000))
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe("Base64 without padding", () => {
  test.each([
    // RFC 4648 §10
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg"],
    ["fooba", "Zm9vYmE"],
    ["foobar", "Zm9vYmFy"],
  ])("of %j is %j", (text, encoded) => {
    const bytes = new TextEncoder().encode(text)
    expect(encodeBase64(bytes)).toBe(encoded)
    expect(decodeBase64(encoded)).toEqual(bytes)
  })

  test.each(["Z", "Zh", "Zm9", "Zg==", "Zm-v", "Zm9v\n", "Zm 9v", "Zmé"])("is not %j", (text) => {
    expect(decodeBase64(text)).toBeUndefined()
  })
  test("is what Node decodes and encodes again to the same text, and nothing else", () => {
    const unit = fc.constantFrom(..."ABCDQRSTcdghwxyz0189+/-_=\u{1f600}\n")
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 90 }), (text) => {
        const bytes = Buffer.from(text, "base64")
        const same = bytes.toString("base64").replaceAll("=", "") === text
        expect(decodeBase64(text)).toEqual(same ? Uint8Array.from(bytes) : undefined)
      }),
      { numRuns: 2_000 },
    )
  })
})
