/** Published vectors: RFC 4226 appendix D (HOTP), RFC 6238 appendix B (TOTP, SHA-1; six of its eight digits). */
import { describe, expect, test } from "vitest"
import { totpCode, totpEnrolment, totpStepAt } from "../../src/crypto/otp.js"

const seed = new TextEncoder().encode("12345678901234567890")

describe("RFC 4226, appendix D", () => {
  test.each([
    [0, "755224"],
    [1, "287082"],
    [2, "359152"],
    [3, "969429"],
    [4, "338314"],
    [5, "254676"],
    [6, "287922"],
    [7, "162583"],
    [8, "399871"],
    [9, "520489"],
  ])("counter %d", (counter, code) => {
    expect(totpCode(seed, counter)).toBe(code)
  })
})

describe("RFC 6238, appendix B", () => {
  test.each([
    [59, 0x1, "94287082"],
    [1111111109, 0x23523ec, "07081804"],
    [1111111111, 0x23523ed, "14050471"],
    [1234567890, 0x273ef07, "89005924"],
    [2000000000, 0x3f940aa, "69279037"],
    [20000000000, 0x27bc86aa, "65353130"],
  ])("%d s", (time, step, code) => {
    expect(totpStepAt(time * 1000)).toBe(step)
    expect(totpCode(seed, step)).toBe(code.slice(2))
  })
})

test("what the QR code holds: every part escaped, so that apps show it as it is", () => {
  const { secret, uri } = totpEnrolment("Example & Sons", "ada+1@example.com", seed)
  expect(secret).toBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
  expect(uri).toBe(
    `otpauth://totp/Example%20%26%20Sons:ada%2B1%40example.com?issuer=Example%20%26%20Sons&algorithm=SHA1&secret=${secret}&period=30&digits=6`,
  )
})
