import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { ada, origin } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { depart, locationOf, oauthApp, remoteOidc, whoIs } from "../oauth/oauth-app.js"
import { everyFlow, mailed, signedInByPassword } from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const hostile: readonly [string, Record<string, string>][] = [
  ["cross-site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["same-site", { "sec-fetch-site": "same-site", origin: "https://blog.example.com" }],
  ["opaque", { origin: "null" }],
  ["look-alike", { origin: "https://app.example.com.evil.example" }],
]

const { routes } = oauthApp(remote).auth
const unsafe = routes.filter(({ method }) => method !== "GET")

/** Who may be asked from another site, and why nobody can make use of it. A route that is not here refuses. */
const fromAnywhere: Readonly<Record<string, string>> = {
  "POST /auth/oauth/:provider/callback":
    "form_post is a post from the provider's site; it does nothing without the state of an attempt and the binding in this browser's cookie",
}

/** Where the host sends a browser: a path, or to the provider. */
const locations = new RegExp(`^(?:/(?:[a-z]|$|[?])|${remote.origin}/)`)
const confirmations = new RegExp(`^${origin}/auth/magic-link/confirm\\?token=[\\w-]+\\.[\\w-]{43}$`)

const keyOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`

/** An address of the route; `id` names a session. */
function addressOf(path: string, id = "x"): string {
  return path.replace(":id", id).replace(":provider", "remote")
}

/** What every route of the library might want to hear. */
const fields = {
  ...ada,
  session: "all",
  current_password: ada.password,
  new_password: "evil evil evil evil",
  identity: "x",
  factor: "totp",
  purpose: "newsletter",
  version: "1",
  claim: "yes",
  return_to: "/x",
}

describe.each(unsafe.filter((route) => !(keyOf(route) in fromAnywhere)))(
  "$method $path",
  ({ method, path }) => {
    test.each(hostile)("refuses a %s request, and nothing happens", async (_, headers) => {
      const host = await everyFlow(remote)
      const browser = await signedInByPassword(host)
      const [session] = await host.auth.sessions.list(host.user.id)
      // What would be good for something, if it were posted from here.
      const { code, token } = await mailed(host, browser)
      const useful = { ...fields, code, token }
      const held = browser.cookieHeader()
      for (const body of [{ form: useful }, { json: useful }, {}]) {
        const answer = await browser.send(method, addressOf(path, session?.id), { ...body, headers })
        expect(answer.status).toBe(403)
        expect(answer.headers.getSetCookie()).toEqual([])
        expect((await answer.json()).reason).toBe("cross_origin")
      }
      expect(await whoIs(browser)).toBe(host.user.id)
      expect(browser.cookieHeader()).toBe(held)
      expect(host.events.filter((event) => event.type === "request.cross_origin")).toHaveLength(3)
      expect(remote.requests.all).toEqual([])
      await settled()
      expect(host.mails).toHaveLength(1)
      expect(await host.auth.flows.magicLink.peek({ token })).toMatchObject({ ok: true, claimRequired: true })
    })
  },
)

describe("what may come from another site", () => {
  test("is what stands in the table, and the table has nothing else", () => {
    expect(unsafe.map(keyOf)).toEqual(expect.arrayContaining(Object.keys(fromAnywhere)))
  })

  test.each(hostile)(
    "a %s callback is nothing without the browser's binding and an attempt's state",
    async (_, headers) => {
      const host = await everyFlow(remote)
      const browser = await signedInByPassword(host)
      const callback = "/auth/oauth/remote/callback"
      const mismatch = "/sign-in?error=oauth_state_mismatch&provider=remote"
      for (const form of [{}, { code: "x", state: "x".repeat(43) }])
        expect(locationOf(await browser.post(callback, { form, headers }))).toBe(mismatch)
      // The attacker's own attempt, finished in the victim's browser (login CSRF).
      const attacker = host.browser()
      const { parameters } = await depart(attacker, remote)
      const form = Object.fromEntries(parameters)
      expect(locationOf(await browser.post(callback, { form, headers }))).toBe(mismatch)
      expect(await whoIs(browser)).toBe(host.user.id)
      expect(remote.requests.token).toEqual([])
      expect(locationOf(await attacker.post(callback, { form, headers }))).toBe(
        "/link-account?provider=remote",
      )
    },
  )

  test("its cookie comes along from another site only where a provider answers so, and is good for nothing else", async () => {
    for (const [responseMode, sameSite] of [
      ["query", "Lax"],
      ["form_post", "None"],
    ] as const) {
      const provider = { ...remoteOidc(remote), responseMode }
      const browser = oauthApp(remote, { providers: [provider] }).browser()
      const [cookie = ""] = (await browser.post("/auth/oauth/remote", { form: {} })).headers.getSetCookie()
      expect(cookie).toMatch(
        new RegExp(`^__Host-oauth=[\\w-]{43}; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=${sameSite}$`),
      )
    }
  })
})

/** What a start leaves in the browser. */
const startCookies: Readonly<Record<string, readonly string[]>> = {
  "/auth/oauth/:provider": ["__Host-oauth"],
  "/auth/passkey/sign-in/options": ["__Host-passkey"],
}

describe.each(unsafe)("$method $path", ({ method, path }) => {
  test("takes JSON and forms only", async () => {
    const browser = oauthApp(remote).browser()
    for (const type of [
      "text/plain",
      "multipart/form-data; boundary=x",
      "application/xml",
      "text/json",
      "application/jsonp",
    ]) {
      const answer = await browser.send(method, addressOf(path), {
        json: ada,
        headers: { "content-type": type },
      })
      expect([type, answer.status]).toEqual([type, 415])
    }
  })

  test("takes 16 KiB and no more", async () => {
    const browser = oauthApp(remote).browser()
    const answer = await browser.send(method, addressOf(path), {
      json: { email: "x".repeat(20_000) },
    })
    expect(answer.status).toBe(413)
    expect((await browser.send(method, addressOf(path), { form: { a: "x".repeat(1_048_576) } })).status).toBe(
      413,
    )
  })

  test.each(["{", "[]", "null", '"x"', "1", '{"email":1,"password":{}}', "\u0000"])(
    "survives the body %j",
    async (body) => {
      const browser = oauthApp(remote).browser()
      const answer = await browser.send(method, addressOf(path), {
        headers: { "content-type": "application/json" },
        raw: body,
      })
      expect([200, 303, 400, 401, 404, 415]).toContain(answer.status)
      const cookies = answer.headers.getSetCookie().filter((cookie) => !cookie.includes("Max-Age=0"))
      // A start takes any body that is none, as it would no return path.
      expect(cookies.map((cookie) => cookie.split("=")[0])).toEqual(
        answer.status === 200 ? (startCookies[path] ?? []) : [],
      )
    },
  )
})

describe("every route", () => {
  test("answers no-store, and has a place in these tables", async () => {
    const host = oauthApp(remote)
    for (const { method, path } of routes) {
      const answer = await host.browser().send(method, addressOf(path), method === "GET" ? {} : { json: {} })
      expect([path, answer.headers.get("cache-control")]).toEqual([path, "no-store"])
    }
    expect(routes.map(({ name, method }) => `${method} ${name}`)).toEqual([
      "GET session",
      "POST logout",
      "GET sessions",
      "DELETE endSession",
      "POST endSessions",
      "POST refresh",
      "GET oauthPending",
      "POST oauthConfirm",
      "POST oauthClaim",
      "POST oauthCancel",
      "GET oauthIdentities",
      "POST oauthUnlink",
      "POST oauthStart",
      "GET oauthStartByLink",
      "POST oauthStartLink",
      "GET oauthCallback",
      "POST oauthCallback",
      "POST register",
      "POST login",
      "POST changePassword",
      "POST passwordForgot",
      "GET passwordReset",
      "GET passwordResetCheck",
      "POST passwordReset",
      "POST passwordConfirm",
      "POST magicLink",
      "GET magicLinkConfirm",
      "POST magicLinkConfirm",
      "POST magicLinkCode",
      "GET accountExport",
      "DELETE accountErase",
      "POST accountErase",
      "GET consents",
      "POST consentsGive",
      "POST consentsWithdraw",
      "GET mfa",
      "POST mfaBegin",
      "POST mfaVerify",
      "POST mfaStepUp",
      "POST mfaEnrol",
      "POST mfaConfirm",
      "POST mfaRemove",
      "POST mfaRecoveryCodes",
      "POST emailVerifyRequest",
      "GET emailVerify",
      "POST emailVerify",
      "POST emailChange",
      "GET emailConfirm",
      "POST emailConfirm",
      "GET emailUndo",
      "POST emailUndo",
      "POST accountDeactivate",
      "GET accountReactivate",
      "POST accountReactivate",
      "POST passkeyRegisterOptions",
      "POST passkeyRegister",
      "POST passkeySignInOptions",
      "POST passkeySignIn",
      "GET passkeys",
      "POST passkeyRename",
      "POST passkeyRemove",
    ])
  })

  test("has one spelling: any other is not found, or another method's", async () => {
    const host = await everyFlow(remote)
    const browser = await signedInByPassword(host)
    const { code, token } = await mailed(host, browser)
    const held = browser.cookieHeader()
    for (const { method, path } of routes) {
      const address = addressOf(path)
      const last = address.lastIndexOf("/")
      const [above, name] = [address.slice(0, last), address.slice(last + 1)]
      for (const spelling of [
        `${above}//${name}`,
        `/${address}`,
        `${address}/`,
        `${address}.`,
        `${address};x=1`,
        `${address}%00`,
        `${above}%2F${name}`,
        address.toUpperCase(),
        `${above}/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
      ]) {
        const query = method === "GET" ? `?token=${token}` : ""
        const json = method === "GET" ? {} : { json: { ...fields, code, token } }
        const answer = await browser.send(method, spelling + query, json)
        expect([spelling, [404, 405]]).toEqual([spelling, expect.arrayContaining([answer.status])])
        expect(answer.headers.getSetCookie()).toEqual([])
      }
    }
    expect(browser.cookieHeader()).toBe(held)
    expect((await host.auth.flows.magicLink.peek({ token })).ok).toBe(true)
  })

  test("HEAD is taken as GET behind the same checks, and does nothing", async () => {
    const host = await everyFlow(remote)
    const browser = await signedInByPassword(host)
    const { token } = await mailed(host, browser)
    const [session, half] = ["__Host-session", "__Host-magic-link"].map((name) => browser.cookies.get(name))
    for (const { path } of routes) {
      const answer = await browser.send("HEAD", `${addressOf(path)}?token=${token}`)
      expect([200, 303, 400, 404, 405]).toContain(answer.status)
    }
    expect(await whoIs(browser)).toBe(host.user.id)
    expect(browser.cookies.get("__Host-session")).toBe(session)
    expect(browser.cookies.get("__Host-magic-link")).toBe(half)
    expect(host.events.filter(({ type }) => type === "session.opened")).toHaveLength(1)
    expect((await host.auth.flows.magicLink.peek({ token })).ok).toBe(true)
  })

  test("forged hosts change nothing in any answer", async () => {
    const host = await everyFlow(remote, { verified: true })
    const headers = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      forwarded: "host=evil.example",
    }
    for (const { method, path } of routes) {
      // One of the routes has erased her, one has deactivated her account.
      const { id } =
        (await host.stores.users.findByEmail(ada.email)) ?? (await account(host, { verified: true }))
      await host.auth.users.enable(id)
      const browser = await signedInByPassword(host)
      const { code, token } = await mailed(host, browser)
      const form = { ...fields, code, token, session: "others", current_password: "x", new_password: "y" }
      const answer = await browser.send(
        method,
        addressOf(path) + (method === "GET" ? `?token=${token}` : ""),
        method === "GET" ? { headers } : { form, headers },
      )
      const text = `${JSON.stringify([...answer.headers])}${await answer.text()}`
      expect(text).not.toContain("evil.example")
      if (answer.status === 303) expect(answer.headers.get("location")).toMatch(locations)
      host.clock.advance(3_600_000)
    }
    // Nor in any mail, one of which was asked for with them.
    await settled()
    expect(host.mails).toHaveLength(routes.length + 1)
    for (const { url } of host.mails) expect(url).toMatch(confirmations)
    expect(JSON.stringify(host.mails)).not.toContain("evil.example")
    // Nor in what a provider is asked for.
    expect(remote.requests.discovery.length).toBeGreaterThan(0)
    for (const { headers: sent, url } of remote.requests.all)
      expect(JSON.stringify(sent) + url.href).not.toContain("evil.example")
  })
})
