import { createHash, createHmac, randomBytes } from "node:crypto"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { beforeAll, expect, test } from "vitest"
import { bundledOslo } from "../../../../tools/tsup-preset.mjs"

// What runs where there is no Node is built with a part exchanged; here that build is compared with Node's own crypto.
let primitives: typeof import("../../src/crypto/primitives.js")
beforeAll(async () => {
  const built = await build({
    entryPoints: [fileURLToPath(new URL("../../src/crypto/primitives.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    plugins: bundledOslo(),
  })
  const [file] = built.outputFiles
  expect(file?.text).not.toContain("putUint16")
  primitives = await import(
    `data:text/javascript;base64,${Buffer.from(file?.contents ?? "").toString("base64")}`
  )
})

test("SHA-256 of texts of every length around the block, and of long ones", () => {
  for (const length of [...Array(200).keys(), 1000, 65_535, 65_536]) {
    const text = randomBytes(length).toString("latin1")
    expect(primitives.sha256(text)).toBe(createHash("sha256").update(text).digest("base64url"))
  }
})

test("HMAC-SHA-256 with keys of every kind of length", () => {
  for (const length of [1, 32, 63, 64, 65, 200]) {
    const [key, message] = [randomBytes(length), randomBytes(length * 3)]
    const expected = createHmac("sha256", key).update(message).digest("base64url")
    expect(primitives.hmacSha256(key, message)).toBe(expected)
  }
})
