import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { transformSync } from "esbuild"
import { afterAll, beforeAll, expect, test } from "vitest"
import { testClient } from "../src/testing/test-client.js"
import { ada, origin } from "./app.js"

/** The block of the README, types stripped; it lies in this package, which may import itself by its name. */
const block =
  /<!-- quick-start[^\n]*-->\n```ts\n([\s\S]*?)```/.exec(
    readFileSync("packages/core/README.md", "utf8"),
  )?.[1] ?? ""
let folder = ""
let host: { fetch(request: Request, address?: string): Promise<Response> }

beforeAll(async () => {
  folder = mkdtempSync("packages/core/test/.quick-start-")
  const { code } = transformSync(block, { loader: "ts", format: "esm" })
  writeFileSync(join(folder, "host.mjs"), code)
  process.env["AUTH_SECRET"] = randomBytes(32).toString("base64")
  host = await import(/* @vite-ignore */ pathToFileURL(join(folder, "host.mjs")).href)
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  delete process.env["AUTH_SECRET"]
})

test("the quick start registers, signs in, knows its user and forgets", async () => {
  const browser = testClient({ handle: host.fetch }, { origin })
  expect((await browser.get("/me")).status).toBe(401)
  expect((await browser.post("/auth/register", { json: ada })).status).toBe(202)
  expect(
    (await browser.post("/auth/login", { json: { ...ada, password: "not the right phrase" } })).status,
  ).toBe(401)
  expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
  expect(await (await browser.get("/me")).json()).toEqual({ email: ada.email })
  expect((await browser.post("/auth/logout")).status).toBe(200)
  expect((await browser.get("/me")).status).toBe(401)
})
