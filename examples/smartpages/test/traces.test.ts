import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { tracesOf } from "../e2e/traces.js"

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "smartpages-traces-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const address = "Frieda.Trace+x@Example.com"
const lower = address.toLowerCase()

function digest(algorithm: string): Buffer {
  return createHash(algorithm).update(lower).digest()
}

test.each([
  ["the address", lower],
  ["the address in capitals", lower.toUpperCase()],
  ["the address as it was typed", address],
  ["what stands before the @", "frieda.trace+x"],
  ["percent-encoded", encodeURIComponent(lower)],
  ["in hex", Buffer.from(lower).toString("hex")],
  ...[0, 1, 2].map((before) => [
    `within base64 after ${before}`,
    Buffer.from(`${"{".repeat(before)}${lower}"}`).toString("base64url"),
  ]),
  ["SHA-256 in hex", digest("sha256").toString("hex")],
  ["SHA-256 in base64", digest("sha256").toString("base64")],
  ["SHA-256 in base64url", digest("sha256").toString("base64url")],
  ["MD5 in hex", digest("md5").toString("hex")],
])("is found: %s", async (_, text) => {
  await writeFile(join(folder, "store.sqlite-wal"), Buffer.from(`\0\xff before ${text} after \0`, "latin1"))
  expect(await tracesOf(address, folder)).not.toEqual([])
})

test("is found: the bytes of a digest", async () => {
  await writeFile(
    join(folder, "blob"),
    Buffer.concat([Buffer.from([0]), digest("sha256"), Buffer.from([255])]),
  )
  expect(await tracesOf(address, folder)).not.toEqual([])
})

test("another address, and a digest with a key, tell nobody", async () => {
  const keyed = createHash("sha256").update(`key${lower}`).digest()
  const texts = [
    "frieda.track+x@example.com",
    keyed.toString("hex"),
    Buffer.from("frieda@example.com").toString("base64"),
  ]
  await writeFile(join(folder, "blob"), texts.join("\n"))
  expect(await tracesOf(address, folder)).toEqual([])
})
