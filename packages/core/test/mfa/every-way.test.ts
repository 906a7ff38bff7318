/** Whatever the way in, a user with a second factor is asked for it, and what the first leaves behind opens nothing. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { type AuthEvent, opaque, type SessionStrategy } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { passkeys } from "../../src/passkey.js"
import { refreshTokens } from "../../src/refresh.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, eve, origin } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { comeBack, depart, type OAuthAppOptions, type OAuthHost, oauthApp } from "../oauth/oauth-app.js"
import type { SoftwareAuthenticator } from "../passkey/authenticator.js"
import { authenticator, registered, requestOptions } from "../passkey/passkey-app.js"
import { mailed } from "../security/every-flow.js"
import type { AuthenticatorApp } from "./authenticator-app.js"
import { methodsOf, post, refusalOf, whoIs, withTotp } from "./mfa-app.js"
import { noneSent, secondFactors } from "./second-factors.js"

const remote = await startHostileProvider()
beforeEach(() => {
  remote.reset()
  remote.user = { sub: "1", email: ada.email, email_verified: true }
})
afterAll(() => remote.stop())

/** Takes a way up to its last request, and answers that. */
type Way = (host: OAuthHost, browser: TestClient, key: SoftwareAuthenticator) => Promise<Response>

interface WayIn {
  readonly go: Way
  readonly options?: OAuthAppOptions
  /** Whether the user has a passkey, whose authenticator does not make sure of its user. */
  readonly keyed?: true
}

const ways: Readonly<Record<string, WayIn>> = {
  password: { go: (_, browser) => browser.post("/auth/login", { json: ada }) },
  "password, by form": {
    go: (_, browser) => browser.post("/auth/login", { form: { ...ada, return_to: "/x" } }),
  },
  "password, for tokens": {
    go: (_, browser) => browser.post("/auth/login", { json: ada, headers: { "mortise-session": "tokens" } }),
    options: { sessions: refreshTokens({ beside: opaque() }) },
  },
  "a link": {
    async go(host, browser) {
      const { token } = await mailed(host, browser)
      return browser.post("/auth/magic-link/confirm", { json: { token } })
    },
  },
  "a link, in one click": {
    async go(host, browser) {
      const { token } = await mailed(host, browser)
      return browser.get(`/auth/magic-link/confirm?token=${encodeURIComponent(token)}`)
    },
  },
  "a link, by form": {
    async go(host, browser) {
      const { token } = await mailed(host, browser)
      return browser.post("/auth/magic-link/confirm", { form: { token } })
    },
  },
  "a code": {
    async go(host, browser) {
      const { code } = await mailed(host, browser)
      return browser.post("/auth/magic-link/code", { json: { code } })
    },
  },
  "a code, by form": {
    async go(host, browser) {
      const { code } = await mailed(host, browser)
      return browser.post("/auth/magic-link/code", { form: { code } })
    },
  },
  "a provider": {
    async go(_, browser) {
      const { parameters } = await depart(browser, remote)
      return comeBack(browser, parameters)
    },
    options: { oauth: { onEmailMatch: "link" } },
  },
  "a passkey without user verification": {
    go: (_, browser, key) => byPasskey(browser, key),
    options: { flows: { passkey: passkeys({ rpName: "Example", userVerification: "preferred" }) } },
    keyed: true,
  },
}

async function byPasskey(browser: TestClient, key: SoftwareAuthenticator): Promise<Response> {
  const response = key.get(await requestOptions(browser))
  return browser.post("/auth/passkey/sign-in", { json: { response } })
}

/** Signs ada in by her password, registers a passkey, and signs out. */
async function withPasskey(host: OAuthHost, key: SoftwareAuthenticator): Promise<SoftwareAuthenticator> {
  const browser = host.browser()
  await browser.post("/auth/login", { json: ada })
  expect(await registered(browser, key)).toBe("ok")
  await browser.post("/auth/logout", { json: {} })
  return key
}

const strategies: Readonly<Record<string, () => SessionStrategy>> = {
  opaque: () => opaque(),
  "jwt, a record per session": () => jwt(),
  "jwt, an epoch per user": () => jwt({ revocation: "user" }),
}

async function hostOf({ flows, ...options }: OAuthAppOptions = {}) {
  const sent = noneSent()
  const host = oauthApp(remote, { flows: { mfa: secondFactors(sent), ...(flows as object) }, ...options })
  const user = await account(host, { verified: true })
  return { host, sent, user }
}

const rows = Object.keys(ways).flatMap((way) =>
  Object.keys(strategies)
    .filter((kept) => kept === "opaque" || !ways[way]?.options?.sessions)
    .map((kept) => [way, kept] as const),
)

describe.each(rows)("by %s, %s", (name, kept) => {
  const { go, keyed, options = {} } = ways[name] as WayIn
  const made = async () => {
    const key = authenticator({ verifies: false })
    const all = await hostOf({ sessions: strategies[kept]?.() as SessionStrategy, ...options })
    if (keyed) await withPasskey(all.host, key)
    return { ...all, key }
  }

  test("the second factor is asked for, and nothing is open before it", async () => {
    const { host, key, user } = await made()
    const { app } = await withTotp(host)
    host.events.length = 0
    const browser = host.browser()
    const answer = await go(host, browser, key)
    const challenge = await asked(answer)
    await settled()
    expect(host.events.filter(isOpening)).toEqual([])
    expect(await host.stores.sessions.listByUser(user.id)).toEqual([])
    expect(host.events).toContainEqual(
      expect.objectContaining({ type: "sign_in.refused", cause: "mfa_required" }),
    )
    await everythingHeldOpensNothing(host, browser, challenge)
    await passes(browser, app, challenge)
    expect(host.faults).toEqual([])
  })

  test("whoever has none gets in as before", async () => {
    const { host, key } = await made()
    const browser = host.browser()
    const answer = await go(host, browser, key)
    expect(answer.status).toBeLessThan(400)
    const signedIn = (await whoIs(browser)) ?? (await answer.clone().json()).user
    expect(signedIn).not.toBeNull()
  })
})

/** Of one host and one user: what the authenticator says of this use decides. */
describe.each(Object.keys(strategies))("by passkey, %s", (kept) => {
  test.each(["required", "preferred"] as const)(
    "an authenticator that has made sure of its user was two factors: nobody asks again (%s)",
    async (userVerification) => {
      const { host, user } = await hostOf({
        sessions: strategies[kept]?.() as SessionStrategy,
        flows: { passkey: passkeys({ rpName: "Example", userVerification }) },
      })
      const key = await withPasskey(host, authenticator({ synced: true }))
      await withTotp(host)
      const browser = host.browser()
      expect((await byPasskey(browser, key)).status).toBe(200)
      expect(await whoIs(browser)).toMatchObject({ id: user.id })
      expect(await methodsOf(browser)).toEqual(["swk", "user", "mfa"])
      expect(browser.cookies.has("__Host-mfa")).toBe(false)
      // Its session may do what asks for the second factor.
      await post(browser, "/auth/mfa/remove", { factor: "totp" })
    },
  )

  test("the same passkey, used without making sure, is asked", async () => {
    const { host } = await hostOf({
      sessions: strategies[kept]?.() as SessionStrategy,
      flows: { passkey: passkeys({ rpName: "Example", userVerification: "preferred" }) },
    })
    const key = await withPasskey(host, authenticator())
    const { app } = await withTotp(host)
    const browser = host.browser()
    const response = key.get(await requestOptions(browser), { verified: false })
    const answer = await browser.post("/auth/passkey/sign-in", { json: { response } })
    expect(await refusalOf(answer)).toEqual([401, "mfa_required"])
    expect(await whoIs(browser)).toBeNull()
    await post(browser, "/auth/mfa/verify", { factor: "totp", code: app.code() })
    expect(await methodsOf(browser)).toEqual(["hwk", "user", "otp", "mfa"])
  })
})

test("a registration that signs in at once is asked where everybody must have a second factor", async () => {
  const host = oauthApp(remote, {
    password: { registration: "immediate" },
    flows: { mfa: secondFactors(noneSent(), { required: true }) },
  })
  const browser = host.browser()
  const answer = await browser.post("/auth/register", { json: eve })
  expect(await refusalOf(answer.clone())).toEqual([401, "mfa_required"])
  expect(await answer.json()).toMatchObject({ factors: [], enrol: ["totp", "phone"] })
  expect(await whoIs(browser)).toBeNull()
})

/** A script hears it; a form's browser is led to the page that asks. The token, for clients that keep tokens. */
async function asked(answer: Response): Promise<string | undefined> {
  const location = answer.headers.get("location")
  expect(answer.headers.getSetCookie()).toContainEqual(
    expect.stringMatching(/^__Host-mfa=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
  )
  if (location !== null) {
    expect(answer.status).toBe(303)
    expect(new URL(location, origin).pathname).toBe("/second-factor")
    return undefined
  }
  expect(answer.status).toBe(401)
  const body = await answer.json()
  expect(body).toMatchObject({
    reason: "mfa_required",
    factors: expect.arrayContaining(["totp", "recovery_code"]),
  })
  return body.challenge
}

async function everythingHeldOpensNothing(
  host: OAuthHost,
  browser: TestClient,
  challenge: string | undefined,
): Promise<void> {
  const values = [...browser.cookies.values(), ...(challenge === undefined ? [] : [challenge])]
  for (const value of values) {
    const thief = host.browser()
    thief.cookies.set("__Host-session", value)
    expect(await whoIs(thief)).toBeNull()
    expect((await thief.get("/auth/sessions")).status).toBe(401)
    const headers = { authorization: `Bearer ${value}` }
    expect((await host.browser().get("/auth/sessions", { headers })).status).toBe(401)
  }
}

async function passes(
  browser: TestClient,
  app: AuthenticatorApp,
  challenge: string | undefined,
): Promise<void> {
  const headers: Readonly<Record<string, string>> =
    challenge === undefined ? {} : { "mortise-session": "tokens" }
  const wrong = await browser.post("/auth/mfa/verify", {
    json: { factor: "totp", code: app.wrongCode(), challenge },
    headers,
  })
  expect(await refusalOf(wrong)).toEqual([401, "code_invalid"])
  const right = await browser.post("/auth/mfa/verify", {
    json: { factor: "totp", code: app.code(), challenge },
    headers,
  })
  expect(right.status).toBe(200)
  const { access_token: token, session } = await right.json()
  expect(session.methods).toEqual(expect.arrayContaining(["otp", "mfa"]))
  if (challenge !== undefined) {
    expect(token).toEqual(expect.any(String))
    return
  }
  expect(browser.cookies.has("__Host-mfa")).toBe(false)
  expect(await methodsOf(browser)).toEqual(expect.arrayContaining(["otp", "mfa"]))
}

function isOpening({ type }: AuthEvent): boolean {
  return type === "session.opened" || type === "sign_in.succeeded"
}
