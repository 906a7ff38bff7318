import { createHash } from "node:crypto"
import * as arcticPackage from "arctic"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { encryptedTokens } from "../../src/oauth.js"
import { arctic } from "../../src/oauth-arctic.js"
import { arcticClasses } from "./arctic-classes.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { comeBack, locationOf, type OAuthHost, oauthApp, whoIs } from "./oauth-app.js"
import { callbackAddress } from "./provider-kinds.js"

// All classes of arctic through the bridge: whatever they know or do not know of state and PKCE, every address and every token request has
// them, each request goes the library's way out, and the global fetch is the platform's before, after, and in between.

const platformFetch = globalThis.fetch
const waiting = ["Apple"]
const classes = Object.entries(arcticClasses).map(([name, [shape, made]]) => ({ name, shape, made }))
const atOnce = classes.filter(({ name }) => !waiting.includes(name))

let remote: HostileProvider
let requests: {
  readonly url: string
  readonly method: string | undefined
  readonly headers: Headers
  readonly form: URLSearchParams
}[]
let expiresIn: number
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => {
  requests = []
  expiresIn = 3600
})
afterAll(() => remote.stop())

/** Notes a request, and grants what it asks for. */
async function grants(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  expect(globalThis.fetch).toBe(platformFetch)
  const headers = new Headers(init.headers)
  requests.push({
    url: String(input),
    method: init.method,
    headers,
    form: new URLSearchParams(String(init.body)),
  })
  return Response.json({
    access_token: `access-${requests.length}`,
    token_type: "bearer",
    refresh_token: `refresh-${requests.length}`,
    expires_in: expiresIn,
  })
}

function hostFor(name: string): OAuthHost {
  const [, made] = arcticClasses[name] ?? []
  if (!made) throw new Error(`no class ${name}`)
  const provider = arctic({
    name: "remote",
    label: name,
    issuer: "https://social.example.com",
    scopes: ["one", "two"],
    client: made(callbackAddress),
    profile: async () => ({ subject: "1", email: "ada@example.com", emailVerified: true }),
  })
  return oauthApp(remote, {
    providers: [provider],
    oauth: { network: { fetch: grants }, tokens: encryptedTokens() },
  })
}

test("every class that arctic has is in the table", () => {
  const names = Object.entries(arcticPackage)
    .filter(([name, value]) => isProviderClass(value) && name !== "OAuth2Client")
    .map(([name]) => name)
  expect(names).toHaveLength(64)
  expect(Object.keys(arcticClasses).sort()).toEqual(names.sort())
})

describe.each(classes)("$name", ({ name, shape, made }) => {
  test(`is asked with ${shape}`, () => {
    const { createAuthorizationURL, validateAuthorizationCode } = made(callbackAddress)
    expect(createAuthorizationURL).toHaveLength(shape === "nothing" ? 0 : shape.split(", ").length)
    if (shape.includes("verifier")) expect(validateAuthorizationCode).toHaveLength(2)
  })

  test(`${waiting.includes(name) ? "waits" : "does not wait"} before it asks for a token`, async () => {
    const spy = vi.fn<typeof fetch>().mockRejectedValue(new Error("not sent"))
    vi.stubGlobal("fetch", spy)
    const client = made(callbackAddress)
    // One class has scopes in the verifier's place.
    const given: readonly unknown[] = ["code", name === "StartGG" ? [] : "verifier".repeat(6)]
    const asked = Reflect.apply(client.validateAuthorizationCode, client, given).catch(() => {})
    expect(spy).toHaveBeenCalledTimes(waiting.includes(name) ? 0 : 1)
    await asked
  })
})

describe.each(atOnce)("$name through the bridge", ({ name, made }) => {
  test("signs in, with state, nonce and PKCE of ours", async () => {
    const host = hostFor(name)
    const browser = host.browser()
    const url = new URL(locationOf(await browser.post("/auth/oauth/remote", { form: {} })))
    const asked = url.searchParams
    for (const each of asked.keys()) expect(asked.getAll(each), each).toHaveLength(1)
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: "code",
      redirect_uri: callbackAddress,
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    })
    const state = asked.get("state") ?? ""
    expect(locationOf(await comeBack(browser, new URLSearchParams({ state, code: "the-code" })))).toBe(
      "/workspace",
    )
    expect(await whoIs(browser)).toBeDefined()

    const [request, ...more] = requests
    expect([request?.method, more]).toEqual(["POST", []])
    expect(new URL(request?.url ?? "").protocol).toBe("https:")
    expect(request?.form.get("code")).toBe("the-code")
    expect(request?.form.get("redirect_uri")).toBe(callbackAddress)
    expect(request?.form.getAll("code_verifier")).toHaveLength(1)
    const verifier = request?.form.get("code_verifier") ?? ""
    expect(createHash("sha256").update(verifier).digest("base64url")).toBe(asked.get("code_challenge"))
    // What proves it came from here is not told to the browser, nor the client's secret.
    for (const secret of [verifier, "what-only-the-client-knows"]) expect(url.href).not.toContain(secret)
    expect(
      request?.form.get("client_secret") ?? request?.headers.get("authorization") ?? "public",
    ).toBeTruthy()
    expect([globalThis.fetch, host.faults]).toEqual([platformFetch, []])
  })

  test("takes nobody else's request for its own, and nobody gets its", async () => {
    const browser = hostFor(name).browser()
    const trips: URLSearchParams[] = []
    for (let tab = 0; tab < 4; tab++) {
      const { searchParams } = new URL(locationOf(await browser.post("/auth/oauth/remote", { form: {} })))
      trips.push(new URLSearchParams({ state: searchParams.get("state") ?? "", code: `code-${tab}` }))
    }
    const [ends, others] = await Promise.all([
      Promise.all(trips.map(async (parameters) => locationOf(await comeBack(browser, parameters)))),
      Promise.all(trips.map(async () => (await fetch("data:,x")).text())),
    ])
    expect([ends, others]).toEqual([Array(4).fill("/workspace"), Array(4).fill("x")])
    expect(requests.map(({ form }) => form.get("code")).sort()).toEqual([
      "code-0",
      "code-1",
      "code-2",
      "code-3",
    ])
    expect(globalThis.fetch).toBe(platformFetch)
  })

  test("refreshes, where the class can", async () => {
    expiresIn = 1
    const host = hostFor(name)
    const browser = host.browser()
    const { searchParams } = new URL(locationOf(await browser.post("/auth/oauth/remote", { form: {} })))
    await comeBack(browser, new URLSearchParams({ state: searchParams.get("state") ?? "", code: "the-code" }))
    const userId = (await whoIs(browser)) ?? ""
    const token = host.auth.flows.oauth.accessToken(userId, "remote")
    if (made(callbackAddress).refreshAccessToken) {
      expect(await token).toMatchObject({ ok: true, accessToken: "access-2" })
      const { form } = requests[1] ?? {}
      expect([form?.get("grant_type"), form?.get("refresh_token")]).toEqual(["refresh_token", "refresh-1"])
    } else {
      await expect(token).rejects.toMatchObject({ code: "ERR_PROVIDER", detail: "no_refresh" })
      expect(requests).toHaveLength(1)
    }
    expect(globalThis.fetch).toBe(platformFetch)
  })
})

test.each(waiting)("%s waits, so the bridge refuses it by name, and asks nobody", async (name) => {
  const host = hostFor(name)
  const browser = host.browser()
  const { searchParams } = new URL(locationOf(await browser.post("/auth/oauth/remote", { form: {} })))
  const parameters = new URLSearchParams({ state: searchParams.get("state") ?? "", code: "the-code" })
  expect(locationOf(await comeBack(browser, parameters))).toBe("/sign-in?error=oauth_failed&provider=remote")
  expect(host.events).toMatchObject([{ cause: "token_refused", detail: "arctic_waits_before_it_asks" }])
  expect([requests, globalThis.fetch]).toEqual([[], platformFetch])
})

test("a redirect address that is not this provider's is refused at once", () => {
  for (const { made } of classes) {
    for (const uri of [
      callbackAddress.replace("remote", "other"),
      `${callbackAddress}/`,
      callbackAddress.toUpperCase(),
    ]) {
      const provider = arctic({
        name: "remote",
        label: "R",
        issuer: "https://social.example.com",
        client: made(uri),
        profile: async () => ({ subject: "1" }),
      })
      expect(() => oauthApp(remote, { providers: [provider] }), uri).toThrow(
        expect.objectContaining({ code: "ERR_CONFIG_PROVIDER" }),
      )
    }
  }
})

function isProviderClass(value: unknown): boolean {
  return typeof value === "function" && "validateAuthorizationCode" in (value.prototype ?? {})
}
