import { createDecipheriv, createHmac } from "node:crypto"
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { createSeal } from "../../src/crypto/seal.js"
import { secretRing } from "../../src/crypto/secret-ring.js"

const old = "0f2Qk6kqvV7bE1ZcXwq8pL4nM3tR9sYu"
const fresh = "Zx81mVbNqLwe7RtYuIoPasDfGhJk2l3C"
const record = "https://id.example.com|248289761001"
const text = JSON.stringify({ accessToken: "canary-access-token", name: "Ada ä€𝄞" })

const sealOf = (...secrets: [string, ...string[]]) => createSeal(secretRing(secrets), "oauth tokens")

describe("what is sealed", () => {
  test("comes back, whatever it is", async () => {
    const seal = sealOf(fresh)
    for (const one of ["", "x", text, "\0", "x".repeat(60_000)])
      expect(await seal.open(await seal.seal(one, record), record)).toBe(one)
  })

  test("is AES-256-GCM under HMAC-SHA-256 of the secret, the record authenticated with it", async () => {
    const [iv = "", sealed = ""] = (await sealOf(fresh).seal(text, record)).split(".")
    const key = createHmac("sha256", fresh).update("seal\0oauth tokens").digest()
    const bytes = Buffer.from(sealed, "base64url")
    const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64url"))
    cipher.setAAD(Buffer.from(record)).setAuthTag(bytes.subarray(-16))
    expect(cipher.update(bytes.subarray(0, -16), undefined, "utf8") + cipher.final("utf8")).toBe(text)
  })

  test("shows nothing of the text, and never looks the same twice: every nonce is another", async () => {
    const seal = sealOf(fresh)
    const all = await Promise.all(Array.from({ length: 500 }, () => seal.seal(text, record)))
    expect(new Set(all.map((one) => one.split(".")[0])).size).toBe(500)
    for (const one of all) {
      expect(one).toMatch(/^[\w-]{16}\.[\w-]+$/)
      expect(one).not.toContain("canary")
      expect(Buffer.from(one.split(".")[1] ?? "", "base64url").toString("latin1")).not.toContain("canary")
    }
  })
})

describe("what does not open", () => {
  test("another record's", async () => {
    const seal = sealOf(fresh)
    const sealed = await seal.seal(text, record)
    for (const other of ["", `${record}2`, record.slice(0, -1), record.toUpperCase(), `${record}\0`])
      expect(await seal.open(sealed, other)).toBeUndefined()
  })

  test("another kind of thing, under the same secret", async () => {
    const sealed = await sealOf(fresh).seal(text, record)
    expect(await createSeal(secretRing(fresh), "totp seed").open(sealed, record)).toBeUndefined()
  })

  test("anything with a single character changed", async () => {
    const seal = sealOf(fresh)
    const sealed = await seal.seal("four", record)
    for (let at = 0; at < sealed.length; at++) {
      if (sealed[at] === ".") continue
      const flipped = sealed[at] === "A" ? "Q" : "A"
      const changed = sealed.slice(0, at) + flipped + sealed.slice(at + 1)
      const same = [0, 1].every((half) => bytesOf(changed, half).equals(bytesOf(sealed, half)))
      expect([at, same ? undefined : await seal.open(changed, record)]).toEqual([at, undefined])
    }
  })

  test.each([
    "",
    ".",
    "a.b",
    "x",
    "AAAA",
    "AAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAA.",
    ".AAAA",
    "a b.c",
    "é.é",
    "{}",
  ])("garbage: %j", async (garbage) => {
    expect(await sealOf(fresh).open(garbage, record)).toBeUndefined()
  })

  test("a part of it, and more than it", async () => {
    const seal = sealOf(fresh)
    const sealed = await seal.seal(text, record)
    const [iv = "", data = ""] = sealed.split(".")
    for (const changed of [
      `${iv}.${data.slice(0, -4)}`,
      `${sealed}AAAA`,
      `${data}.${iv}`,
      `${iv.slice(4)}.${data}`,
    ])
      expect(await seal.open(changed, record)).toBeUndefined()
  })
})

describe("rotation of the secret", () => {
  test("the newest seals; all of them open; what an old one sealed is gone with it", async () => {
    const sealed = await sealOf(old).seal(text, record)
    const both = sealOf(fresh, old)
    expect(await both.open(sealed, record)).toBe(text)
    expect(await sealOf(fresh).open(sealed, record)).toBeUndefined()
    const anew = await both.seal(text, record)
    expect(await sealOf(fresh).open(anew, record)).toBe(text)
    expect(await sealOf(old).open(anew, record)).toBeUndefined()
  })
})

test("it shows no key", async () => {
  const seal = sealOf(fresh)
  await seal.seal(text, record)
  const key = createHmac("sha256", fresh).update("seal\0oauth tokens").digest("base64url")
  const shown = inspect(seal, { depth: 9, showHidden: true })
  expect(shown).not.toContain(fresh)
  expect(shown).not.toContain(key)
})

function bytesOf(sealed: string, half: number): Buffer {
  return Buffer.from(sealed.split(".")[half] ?? "", "base64url")
}
