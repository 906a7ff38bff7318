import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { oauthReasons } from "../../packages/core/src/http/routes/oauth-routes.js"
import { type TestClient, testClient } from "../../packages/core/src/testing/test-client.js"
import {
  type HostileProvider,
  startHostileProvider,
} from "../../packages/core/test/oauth/hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf } from "../../packages/core/test/oauth/oauth-app.js"
import * as modules from "../../packages/core/test/oauth/page-modules.js"
import * as binding from "../../packages/express/src/index.js"
import { expresses } from "../../packages/express/test/express-host.js"
import { codeBlocks, complaintsOf, complaintsOfAll, runBlock } from "../../packages/hono/test/readme-code.js"

const page = readFileSync("docs/flows/oauth.md", "utf8")
const [quickStart = "", scripts = "", users = "", tokens = "", ...rest] = codeBlocks(
  new URL("../flows/oauth.md", import.meta.url),
)
const imported = {
  "@mortise/core": modules.core,
  "@mortise/core/memory": modules.memory,
  "@mortise/core/oauth": modules.oauth,
  "@mortise/core/password": modules.password,
  "@mortise/core/scrypt": modules.scrypt,
  "@mortise/express": binding,
  express: expresses[0]?.[1],
}

let remote: HostileProvider
let origin = ""
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterEach(() => void vi.unstubAllEnvs())
afterAll(() => remote.stop())

async function freeOrigin(): Promise<string> {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return `http://localhost:${port}`
}

function newBrowser(): TestClient {
  return testClient({ handle: (request) => fetch(request, { redirect: "manual" }) }, { origin })
}

/** As the browser goes through the provider, and comes back. */
async function goThrough(browser: TestClient): Promise<string> {
  const { parameters } = await depart(browser, remote, { name: "acme" })
  return locationOf(await comeBack(browser, parameters, "acme"))
}

describe("the quick start", () => {
  let server: Server
  beforeAll(async () => {
    origin = await freeOrigin()
    vi.stubEnv("ORIGIN", origin)
    vi.stubEnv("AUTH_SECRET", "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE")
    vi.stubEnv("OIDC_ISSUER", remote.issuer)
    vi.stubEnv("OIDC_CLIENT_ID", remote.clientId)
    vi.stubEnv("OIDC_CLIENT_SECRET", remote.clientSecret)
    server = runBlock(quickStart, imported)["server"] as Server
    await once(server, "listening")
  })
  afterAll(() => void server.close())

  const phrase = "correct horse battery staple"

  async function registered(email: string): Promise<void> {
    expect((await newBrowser().post("/auth/register", { json: { email, password: phrase } })).status).toBe(
      202,
    )
    remote.user = { ...remote.user, sub: email, email }
  }

  async function textOf(browser: TestClient, path: string): Promise<string> {
    return (await browser.get(path)).text()
  }

  test("signs in by the button, and knows who it was", async () => {
    const browser = newBrowser()
    expect(await textOf(browser, "/sign-in")).toContain('action="/auth/oauth/acme"')
    expect(await goThrough(browser)).toBe("/")
    expect(await (await browser.get("/")).json()).toEqual({ email: "ada@example.com" })
  })

  test("says why not", async () => {
    remote.lie({ authorization: { error: "access_denied", code: undefined } })
    const browser = newBrowser()
    const back = await goThrough(browser)
    expect(back).toBe("/sign-in?error=oauth_denied&provider=acme")
    expect(await textOf(browser, back)).toContain("<p>oauth_denied</p>")
    expect(await textOf(browser, "/sign-in?error=<b>")).toContain("<p>&#60;b&#62;</p>")
  })

  test("connects after the password was proven, and not to another account", async () => {
    await registered("grace@example.com")
    const browser = newBrowser()
    const link = await goThrough(browser)
    expect(link).toBe("/link-account?provider=acme")
    expect(await textOf(browser, link)).toContain("There is an account with grace@example.com")

    const form = { return_to: "/link-account", password: phrase }
    await registered("eve@example.com")
    await browser.post("/auth/login", { form: { ...form, email: "eve@example.com" } })
    expect(await textOf(browser, link)).not.toContain("/auth/oauth/confirm")
    const refused = locationOf(await browser.post("/auth/oauth/confirm", { form: {} }))
    expect(refused).toBe("/link-account?error=oauth_link_required")

    const signedIn = await browser.post("/auth/login", { form: { ...form, email: "grace@example.com" } })
    expect(locationOf(signedIn)).toBe("/link-account")
    expect(await textOf(browser, link)).toContain('action="/auth/oauth/confirm"')
    const connected = await browser.post("/auth/oauth/confirm", { form: {} })
    expect(locationOf(connected)).toBe("/account?notice=identity_linked")
    expect((await browser.get(link)).headers.get("location")).toBe("/sign-in")

    const other = newBrowser()
    remote.user = { ...remote.user, sub: "grace@example.com", email: "grace@example.com" }
    expect(await goThrough(other)).toBe("/")
    expect(await (await other.get("/")).json()).toEqual({ email: "grace@example.com" })
  })

  test("lets the owner of an address take over what nobody verified", async () => {
    await registered("joan@example.com")
    const browser = newBrowser()
    expect(await textOf(browser, await goThrough(browser))).toContain('action="/auth/oauth/claim"')
    expect(locationOf(await browser.post("/auth/oauth/claim", { form: {} }))).toBe("/")
    const old = { email: "joan@example.com", password: phrase }
    expect((await newBrowser().post("/auth/login", { json: old })).status).toBe(401)
  })

  test("the block for scripts leaves, and connects", async () => {
    await registered("mary@example.com")
    const browser = newBrowser()
    const went: string[] = []
    const itsGlobals = {
      location: { assign: (url: string) => went.push(url) },
      fetch: (path: string, init?: RequestInit) =>
        init ? browser.post(path, { json: JSON.parse(String(init.body)) }) : browser.get(path),
    }
    const { leaveFor, connect } = runBlock(`import { fetch, location } from "browser"\n${scripts}`, {
      browser: itsGlobals,
    }) as {
      leaveFor(provider: string): Promise<void>
      connect(email: string, password: string): Promise<boolean>
    }
    await leaveFor("acme")
    const back = await comeBack(browser, remote.authorize(went[0] ?? ""), "acme")
    expect(locationOf(back)).toBe("/link-account?provider=acme&return_to=%2Fworkspace")
    expect(await connect("mary@example.com", "wrong, all of it")).toBe(false)
    expect(await connect("mary@example.com", phrase)).toBe(true)
    expect(await connect("mary@example.com", phrase)).toBe(false)
  })
})

describe("the rest of docs/flows/oauth.md", () => {
  test("compiles", () => {
    const place = (name: string): URL => new URL(`../../packages/${name}/test/`, import.meta.url)
    expect(complaintsOf(quickStart, place("express"))).toEqual([])
    expect(complaintsOfAll([scripts, users, tokens], place("core"))).toEqual([])
    expect(rest).toEqual([])
  }, 120_000)

  test("a user of one's own has a name from the provider, or the address", () => {
    const { memberOf } = runBlock(users, imported) as {
      memberOf(id: string, user: object): { displayName: string }
    }
    const user = { email: "ada@example.com", emailVerifiedAt: null, createdAt: 1 }
    expect(memberOf("1", { ...user, profile: { name: "Ada" } }).displayName).toBe("Ada")
    expect(memberOf("1", user).displayName).toBe("ada@example.com")
  })

  test("tokens are kept by what the block configures", () => {
    vi.stubEnv("GOOGLE_CLIENT_ID", "id")
    vi.stubEnv("GOOGLE_CLIENT_SECRET", "secret")
    expect(runBlock(tokens, imported)["flow"]).toMatchObject({
      needs: expect.arrayContaining(["challenges"]),
    })
  })

  test.each(["start.ts", "callback.ts"])("the diagram is that of %s", (file) => {
    const source = readFileSync(`packages/core/src/flows/oauth/${file}`, "utf8")
    const lines = source.split("\n").filter((line) => / {2}Browser {3}| {5}[│├]/.test(line))
    expect(lines.length).toBeGreaterThan(7)
    expect(page).toContain(lines.map((line) => line.replace(/^ \* /, "")).join("\n"))
  })

  test("every reason that can come back has words for the visitor", () => {
    const table = page.split("## What is refused")[1]?.split("\n## ")[0] ?? ""
    const rows = table.split("\n").filter((line) => line.startsWith("| `"))
    const said = rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, reason]) => reason),
    )
    // Of the others one leads to a page of its own.
    const own = Object.keys(oauthReasons).filter((reason) => reason !== "oauth_link_required")
    expect(said).toEqual(expect.arrayContaining(own))
  })

  test("the defaults are those of the options", () => {
    const source = readFileSync("packages/core/src/oauth.ts", "utf8")
    expect(source).toContain('create = true, onEmailMatch = "prove", requireVerifiedEmail = false')
    expect(source).toContain('{ limit: 100, window: "10m" }')
    expect(source).toContain('options.fresh ?? "5m"')
  })
})
