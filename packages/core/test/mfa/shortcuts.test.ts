/** What an attacker would try instead of the second factor: each row was a way once, or might become one. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { createAuth, opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { mfa, recoveryCodes, totp } from "../../src/mfa.js"
import { password } from "../../src/password.js"
import { realm, realms } from "../../src/realms.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf, type OAuthHost, oauthApp, signInThrough } from "../oauth/oauth-app.js"
import { mailed, resetTokenOf } from "../security/every-flow.js"
import type { AuthenticatorApp } from "./authenticator-app.js"
import { enrolTotp, methodsOf, post, refusalOf, whoIs, withTotp } from "./mfa-app.js"

const noon = Date.UTC(2026, 10, 22, 12)
const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

async function hosted() {
  const host = oauthApp(remote, { clock: adjustableClock(noon), oauth: { onEmailMatch: "link" } })
  const user = await account(host, { verified: true })
  return { host, user }
}

const verify = (browser: TestClient, factor: string, code: string) =>
  browser.post("/auth/mfa/verify", { json: { factor, code } })

async function asked(host: OAuthHost, password: string = ada.password): Promise<TestClient> {
  const browser = host.browser()
  await browser.post("/auth/login", { json: { email: ada.email, password } })
  return browser
}

/** A browser that is remembered, signed in by the password alone. */
async function weak(
  host: OAuthHost,
): Promise<{ readonly browser: TestClient; readonly app: AuthenticatorApp }> {
  const { app } = await withTotp(host)
  const browser = await asked(host)
  await browser.post("/auth/mfa/verify", { json: { factor: "totp", code: app.code(), remember: true } })
  await post(browser, "/auth/logout", {})
  await post(browser, "/auth/login", ada)
  host.clock.advance(60_000)
  return { browser, app }
}

test("whoever reads the mailbox sets a new password, and is asked for the app all the same", async () => {
  const { host } = await hosted()
  await withTotp(host)
  const token = await resetTokenOf(host)
  expect(await host.auth.flows.password.reset({ token, password: "the phrase of a thief" })).toMatchObject({
    ok: true,
  })
  const thief = await asked(host, "the phrase of a thief")
  const { challenge } = await (await thief.get("/auth/mfa")).json()
  expect(challenge.factors).toEqual(["totp", "recovery_code"])
  expect(await refusalOf(await thief.post("/auth/mfa/begin", { json: { factor: "email" } }))).toEqual([
    409,
    "factor_unavailable",
  ])
  expect(await refusalOf(await verify(thief, "email", "00000000"))).toEqual([409, "factor_unavailable"])
  await settled()
  expect(host.sent.mails.filter(({ kind }) => kind === "second_factor")).toEqual([])
  expect(await whoIs(thief)).toBeNull()
})

test("a session of one factor steps up by another one only", async () => {
  const { host } = await hosted()
  const { browser } = await weak(host)
  await post(browser, "/auth/logout", {})
  const { token } = await mailed(host, browser)
  await browser.post("/auth/magic-link/confirm", { json: { token } })
  expect(await methodsOf(browser)).toEqual(["email"])
  const step = await post(browser, "/auth/mfa/step-up", {})
  expect(step["factors"]).toEqual(["totp", "recovery_code"])
  expect(await refusalOf(await browser.post("/auth/mfa/begin", { json: { factor: "email" } }))).toEqual([
    409,
    "factor_unavailable",
  ])
})

describe("a session that has not shown the second factor", () => {
  const changes: Readonly<Record<string, (browser: TestClient, host: OAuthHost) => Promise<unknown>>> = {
    "begins no link to a provider": async (browser) =>
      refusalOf(await browser.post("/auth/oauth/remote/link", { json: {} })),
    "unlinks nothing": async (browser) =>
      refusalOf(await browser.post("/auth/oauth/unlink", { json: { identity: "x" } })),
    "confirms nothing that waits": async (browser) =>
      refusalOf(await browser.post("/auth/oauth/confirm", { json: {} })),
  }

  test.each(Object.keys(changes))("%s", async (name) => {
    const { host } = await hosted()
    const { browser } = await weak(host)
    expect(await changes[name]?.(browser, host)).toEqual([401, "insufficient_user_authentication"])
  })

  test("begins one after a step-up", async () => {
    const { host } = await hosted()
    const { app, browser } = await weak(host)
    await post(browser, "/auth/mfa/step-up", {})
    expect((await verify(browser, "totp", app.code())).status).toBe(200)
    expect((await browser.post("/auth/oauth/remote/link", { json: {} })).status).toBe(200)
  })

  test("an identity that was linked before the factor is asked for it like every other way", async () => {
    // The provider goes by the real time.
    const host = oauthApp(remote, { oauth: { onEmailMatch: "link" } })
    await account(host, { verified: true })
    remote.user = { sub: "1", email: ada.email, email_verified: true }
    const browser = host.browser()
    await signInThrough(browser, remote)
    await enrolTotp(host, browser)
    const another = host.browser()
    const { parameters } = await depart(another, remote)
    expect(locationOf(await comeBack(another, parameters))).toBe("/second-factor")
    expect(await whoIs(another)).toBeNull()
  })
})

test("whoever tries to enrol somebody else's number keeps nobody from their codes", async () => {
  const { host } = await hosted()
  const mine = await asked(host)
  await post(mine, "/auth/mfa/enrol", { factor: "phone", number: "+4915112345678" })
  await settled()
  await post(mine, "/auth/mfa/enrol/confirm", { factor: "phone", code: host.sent.messages.at(-1)?.code })
  await account(host, { email: "eve@example.com", verified: true })
  const eve = host.browser("198.51.100.66")
  await post(eve, "/auth/login", { email: "eve@example.com", password: ada.password })
  for (let round = 0; round < 10; round++) {
    await eve.post("/auth/mfa/enrol", { json: { factor: "phone", number: "+4915112345678" } })
  }
  const browser = await asked(host)
  expect((await browser.post("/auth/mfa/begin", { json: { factor: "phone" } })).status).toBe(200)
  await settled()
  expect((await verify(browser, "phone", host.sent.messages.at(-1)?.code ?? "")).status).toBe(200)
})

test("after a hundred wrong answers in a row one a day is left, and the right one ends that", async () => {
  const { host } = await hosted()
  const { app } = await withTotp(host)
  const tries = new Map<number, number>()
  const start = host.clock()
  for (let day = 0; day < 5; ) {
    const answer = await verify(await asked(host), "totp", app.wrongCode())
    if (answer.status === 401) tries.set(day, (tries.get(day) ?? 0) + 1)
    else host.clock.advance(Number(answer.headers.get("retry-after")) * 1000)
    day = Math.floor((host.clock() - start) / 86_400_000)
  }
  const all = [...tries.values()]
  expect(all.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(105)
  expect(all.at(-1)).toBeLessThanOrEqual(2)
  host.clock.advance(86_400_000)
  expect((await verify(await asked(host), "totp", app.code())).status).toBe(200)
})

test("recovery codes of a factor that is gone stand in for no later one", async () => {
  const { host, user } = await hosted()
  const mine = await asked(host)
  const { codes } = await enrolTotp(host, mine)
  // The last factor went by another flow, or an administrator's hand.
  await host.stores.credentials.delete("totp", user.id)
  host.clock.advance(60_000)
  const { codes: fresh } = await enrolTotp(host, await asked(host))
  expect(fresh).toHaveLength(10)
  host.clock.advance(60_000)
  expect(await refusalOf(await verify(await asked(host), "recovery_code", codes[0] ?? ""))).toEqual([
    401,
    "code_invalid",
  ])
  expect((await verify(await asked(host), "recovery_code", fresh[0] ?? "")).status).toBe(200)
})

test("a code of the app is good once in all realms that share the user", async () => {
  const { host } = await hosted()
  const { app } = await withTotp(host)
  const other = oauthApp(remote, { stores: host.stores, clock: host.clock, realm: "other" })
  const code = app.code()
  expect((await verify(await asked(host), "totp", code)).status).toBe(200)
  expect(await refusalOf(await verify(await asked(other), "totp", code))).toEqual([401, "code_invalid"])
})

describe("realms that share credentials", () => {
  const stores = memoryStores()
  const send = async (): Promise<void> => {}
  const door = (name: string, factors?: Parameters<typeof mfa>[0]["factors"]) =>
    createAuth({
      ...{ origin, secret, stores, sessions: opaque() },
      realm: realm({ name }),
      cookie: { path: `/${name}` },
      flows: {
        password: password({ hasher: testHasher() }),
        ...(factors ? { mfa: mfa({ factors, send, required: name === "admin" }) } : {}),
      },
    })

  test("have the same second factors, or are refused", () => {
    const app = totp({ issuer: "x" })
    expect(() => realms({ admin: door("admin", [app]), shop: door("shop") })).toThrow(
      /"admin" and "shop" share credentials, but not their second factors \(totp; none\)/,
    )
    expect(() => realms({ admin: door("admin", [app]), shop: door("shop", [app, recoveryCodes()]) })).toThrow(
      /ERR_CONFIG_REALM|share credentials/,
    )
    expect(() => realms({ admin: door("admin", [app]), shop: door("shop", [app]) })).not.toThrow()
  })
})

test("two of mfa() are one too many: the second would ask nobody", () => {
  const send = async (): Promise<void> => {}
  const one = mfa({ factors: [totp({ issuer: "x" })], send })
  expect(() =>
    createAuth({ origin, secret, stores: memoryStores(), sessions: opaque(), flows: { one, other: one } }),
  ).toThrow(/mfa\(\)/)
})
