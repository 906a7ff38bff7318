import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { transformSync } from "esbuild"
import { afterAll, beforeAll, expect, test } from "vitest"

/*
 * The block of the root README, run as a user would: types stripped, by Node, on the built packages. It lies in the Express package while it
 * runs, from where all that it imports can be found.
 */
const readme = readFileSync("README.md", "utf8")
const block = /<!-- quick-start[^\n]*-->\n```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ""
let port = 0
let folder = ""
let server: ChildProcess

beforeAll(async () => {
  port = await freePort()
  mkdirSync("packages/express/node_modules/.cache", { recursive: true })
  folder = mkdtempSync("packages/express/node_modules/.cache/quick-start-")
  const { code } = transformSync(block.replaceAll("4000", String(port)), { loader: "ts", format: "esm" })
  writeFileSync(`${folder}/app.mjs`, code)
  const env = { ...process.env, AUTH_SECRET: randomBytes(32).toString("base64") }
  server = spawn(process.execPath, [`${folder}/app.mjs`], { env, stdio: ["ignore", "inherit", "inherit"] })
  await until(() => fetch(`http://localhost:${port}/auth/session`).then((answer) => answer.ok))
})

afterAll(() => {
  server.kill()
  rmSync(folder, { recursive: true, force: true })
})

test("it has twenty-odd lines", () => {
  expect(block.trim().split("\n").length).toBeLessThanOrEqual(22)
})

test("register, sign in, be known, sign out", async () => {
  const base = `http://localhost:${port}`
  const account = { email: "ada@example.com", password: "correct horse battery staple" }
  const post = (path: string, body: object, cookie = ""): Promise<Response> =>
    fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: base, cookie },
      body: JSON.stringify(body),
    })

  expect((await fetch(`${base}/me`)).status).toBe(401)
  expect((await post("/auth/register", account)).status).toBe(202)
  expect((await post("/auth/login", { ...account, password: "not the right phrase" })).status).toBe(401)
  const signedIn = await post("/auth/login", account)
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const me = await fetch(`${base}/me`, { headers: { cookie } })
  expect(await me.json()).toEqual({ email: account.email })
  expect((await post("/auth/logout", {}, cookie)).status).toBe(200)
  expect((await fetch(`${base}/me`, { headers: { cookie } })).status).toBe(401)
})

async function until(ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000
  while (Date.now() < deadline) {
    if (await ready().catch(() => false)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error("The quick start did not answer within 15 seconds.")
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0))
    })
  })
}
