import { inspect } from "node:util"
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import type { AccountExport } from "../../src/account.js"
import { encryptedTokens, oauth } from "../../src/oauth.js"
import type { CredentialKind, User } from "../../src/stores/ports.js"
import { ada } from "../app.js"
import { toldOf } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { remoteOidc, signInThrough } from "../oauth/oauth-app.js"
import { type AccountAppOptions, accountApp, signedIn, tokenOf, withAda } from "./account-app.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

function withProvider(): AccountAppOptions {
  const network = { loopback: [remote.origin], fetch: remote.fetch }
  const flow = oauth({ providers: [remoteOidc(remote)], network, tokens: encryptedTokens() })
  return { flows: { oauth: flow } }
}

describe("what is handed out", () => {
  test("is everything that is kept, as a file to be saved", async () => {
    const host = await withAda(withProvider())
    const browser = await signedIn(host)
    remote.user = { sub: "7", email: "ada@work.example", email_verified: true }
    await signInThrough(browser, remote, { link: true })
    await browser.post("/auth/consents", { json: { purpose: "newsletter", version: "2026-11" } })
    const before = await host.stores.audit.list({ userId: host.user.id, limit: 100 })
    const answer = await browser.get("/auth/account/export")
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/json",
      "content-disposition": 'attachment; filename="account.json"',
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
    const at = host.clock()
    const [session] = await host.auth.sessions.list(host.user.id)
    if (!session) throw new Error("no session")
    expect(await answer.json()).toEqual({
      format: "mortise.account/1",
      realm: "default",
      exportedAt: at,
      user: { id: host.user.id, email: ada.email, emailVerifiedAt: null, disabledAt: null, createdAt: at },
      credentials: [
        { kind: "password", createdAt: at, changedAt: at, details: {} },
        {
          ...{ kind: "identity", createdAt: at, changedAt: at },
          details: { issuer: remote.issuer, subject: "7", provider: "remote", email: "ada@work.example" },
        },
      ],
      sessions: [{ realm: "default", claims: { email: ada.email }, ...session }],
      consents: [{ purpose: "newsletter", version: "2026-11", given: true, at }],
      events: before.map(({ event }) => event),
      parts: { articles: ["On locks", "On doors"] },
    } satisfies AccountExport)
    expect(before.map(({ event }) => event.type)).toEqual([
      ...["consent.given", "identity.linked", "sign_in.succeeded", "session.opened"],
    ])
    const last = await host.stores.audit.list({ userId: host.user.id, limit: 1 })
    expect(last[0]?.event).toMatchObject({ type: "user.exported", userId: host.user.id })
  })

  test("has pages and pages of events, every one of them once", async () => {
    const host = await withAda()
    const { id: userId } = host.user
    const event = {
      type: "password.rehashed",
      userId,
      realm: "default",
      at: 1,
      address: "",
      userAgent: "",
    } as const
    for (let n = 0; n < 1100; n++) await host.stores.audit.append({ at: n, event: { ...event, at: n } })
    const outcome = await host.auth.flows.account.export(userId)
    const events = outcome.ok ? outcome.account.events : []
    expect(events.map(({ at }) => at)).toEqual(Array.from({ length: 1100 }, (_, n) => 1099 - n))
  })

  test("is nobody else's: not their sessions, credentials, consents, events", async () => {
    const host = await withAda()
    const eve = await host.stores.users.create({ email: "eve@example.com", emailVerifiedAt: 1, createdAt: 1 })
    await signedIn(host)
    const outcome = await host.auth.flows.account.export(eve?.id ?? "")
    expect(outcome).toMatchObject({
      ok: true,
      account: { credentials: [], sessions: [], consents: [], events: [], parts: { articles: [] } },
    })
    expect(JSON.stringify(outcome)).not.toContain(host.user.id)
  })
})

describe("what is not handed out", () => {
  const canaries = {
    hash: "canary-hash-1",
    seed: "canary-seed-2",
    token: "canary-token-3",
    key: "canary-key-4",
  }

  test("no secret of any credential, whatever its kind, nor of a session", async () => {
    const host = await withAda(withProvider())
    const { id: userId } = host.user
    const browser = await signedIn(host)
    remote.user = { sub: "7", email: ada.email, email_verified: true }
    await signInThrough(browser, remote, { link: true })
    const secrets: Readonly<Record<CredentialKind, string>> = {
      password: canaries.hash,
      identity: JSON.stringify({ provider: "p", email: "e", tokens: canaries.token, secret: canaries.key }),
      totp: canaries.seed,
      passkey: JSON.stringify({ name: "Key", publicKey: canaries.key, userHandle: canaries.token }),
      phone: canaries.seed,
      recovery_code: canaries.hash,
    }
    const dates = { createdAt: 1, changedAt: 2 }
    for (const [kind, secret] of Object.entries(secrets) as [CredentialKind, string][]) {
      await host.stores.credentials.insert({
        kind,
        handle: `h|${kind}`,
        userId,
        secret,
        revision: 0,
        ...dates,
      })
    }
    const text = await (await browser.get("/auth/account/export")).text()
    const { credentials, sessions } = JSON.parse(text) as AccountExport
    expect(new Set(credentials.map(({ kind }) => kind))).toEqual(new Set(Object.keys(secrets)))
    expect(text).not.toMatch(/canary/)
    expect(credentials.find(({ kind }) => kind === "passkey")?.details).toEqual({
      id: "h|passkey",
      name: "Key",
    })
    // What is really stored: hashes, sealed tokens, digests of session tokens, the tokens themselves.
    const held = await host.stores.credentials.listByUser(userId)
    const found = await host.stores.sessions.find(sessions[0]?.id ?? "")
    const secretTexts = [
      ...held.map(({ secret }) => secret),
      ...held.flatMap(({ secret }) => /"tokens":"([^"]+)"/.exec(secret)?.[1] ?? []),
      found?.record.secretHash ?? "none",
      tokenOf(browser),
      tokenOf(browser).split(".")[1] ?? "none",
    ]
    expect(secretTexts.length).toBeGreaterThan(10)
    for (const secret of secretTexts) expect([secret, text.includes(secret)]).toEqual([secret, false])
    expect(inspect(host.events, { depth: 9 })).not.toMatch(/canary/)
  })

  test("a reservation, which opens nothing", async () => {
    const host = await withAda()
    const { id: userId } = host.user
    const dates = { createdAt: 1, changedAt: 2 }
    await host.stores.credentials.insert({
      ...{ kind: "identity", handle: "https://x.example|1", userId, secret: "", revision: 0, ...dates },
    })
    const outcome = await host.auth.flows.account.export(userId)
    expect(outcome.ok && outcome.account.credentials.map(({ kind }) => kind)).toEqual(["password"])
  })

  test("fields of the host's user whose names say that they are secret, at any depth", async () => {
    const host = accountApp()
    const own = {
      ...{ id: "1", email: ada.email, emailVerifiedAt: null, disabledAt: null, createdAt: 1 },
      ...{ name: "Ada", hashtags: ["#x"], tokenized: true, passport: "P1", balance: 12n, born: new Date(0) },
      ...{ password: "canary", passwordHash: "canary", password_hash: "canary", resetToken: "canary" },
      ...{ APIKey: "canary", apiKey: "canary", private_key: "canary", totpSeed: "canary", PIN: "canary" },
      ...{ passwordhash: "canary", hashedpassword: "canary", resettoken: "canary", totpsecret: "canary" },
      ...{
        recoveryCodes: ["canary"],
        mfaCode: "canary",
        accesskey: "canary",
        passcode: "canary",
        pw: "canary",
      },
      settings: { theme: "dark", secret: "canary", deep: [{ salt: "canary", accessTokens: ["canary"] }] },
      greet: () => "canary",
    }
    const users = { ...host.stores.users, find: async () => own as User }
    const { auth } = accountApp({ stores: { ...host.stores, users }, clock: host.clock })
    const outcome = await auth.flows.account.export("1")
    expect(outcome.ok && outcome.account.user).toEqual({
      ...{ id: "1", email: ada.email, emailVerifiedAt: null, disabledAt: null, createdAt: 1 },
      ...{ name: "Ada", hashtags: ["#x"], tokenized: true, passport: "P1", balance: "12" },
      ...{ born: "1970-01-01T00:00:00.000Z", settings: { theme: "dark", deep: [{}] } },
    })
  })

  test("what the host picks is all that is handed out of its user", async () => {
    const host = await withAda({ account: { user: ({ email }) => ({ mail: email }) } })
    const outcome = await host.auth.flows.account.export(host.user.id)
    expect(outcome.ok && outcome.account.user).toEqual({ mail: ada.email })
  })
})

describe("who gets it", () => {
  test("nobody without a session, and nobody by the id of another", async () => {
    const host = await withAda()
    expect(await toldOf(await host.browser().get("/auth/account/export"))).toEqual([401, "not_signed_in"])
    expect(await toldOf(await host.browser().get(`/auth/account/export?user=${host.user.id}`))).toEqual([
      ...[401, "not_signed_in"],
    ])
    expect(host.events).toEqual([])
  })

  test("ten minutes after signing in, to the millisecond", async () => {
    const host = await withAda()
    const browser = await signedIn(host)
    host.clock.advance(600_000)
    expect((await browser.get("/auth/account/export")).status).toBe(200)
    host.clock.advance(1)
    expect(await toldOf(await browser.get("/auth/account/export"))).toEqual([
      401,
      "reauthentication_required",
    ])
    expect(host.events.filter(({ type }) => type === "user.exported")).toHaveLength(1)
  })

  test("a person who comes too late is led to the account's page", async () => {
    const host = await withAda({ account: { fresh: "1m" } })
    const browser = await signedIn(host)
    host.clock.advance(60_001)
    const answer = await browser.get("/auth/account/export", { headers: { accept: "text/html" } })
    expect([answer.status, answer.headers.get("location")]).toEqual([
      ...[303, "/account?error=reauthentication_required"],
    ])
  })

  test("a second factor is asked for where the user has one", async () => {
    const host = await withAda({ flows: { factor: heldByAll() } })
    const browser = await signedIn(host)
    const refused = [401, "insufficient_user_authentication"]
    expect(await toldOf(await browser.get("/auth/account/export"))).toEqual(refused)
    expect(await toldOf(await browser.delete("/auth/account"))).toEqual(refused)
    expect(await toldOf(await browser.post("/auth/account/erase", { json: {} }))).toEqual(refused)
    await host.auth.sessions.rotate(tokenOf(browser), {}, ["otp", "mfa"]).then((session) => {
      browser.cookies.set("__Host-session", session?.token ?? "")
    })
    expect((await browser.get("/auth/account/export")).status).toBe(200)
    expect((await browser.delete("/auth/account")).status).toBe(200)
  })

  test("HEAD reads nothing, and tells nothing", async () => {
    const host = await withAda()
    const browser = await signedIn(host)
    expect((await browser.send("HEAD", "/auth/account/export")).status).toBe(405)
    expect(host.events.map(({ type }) => type)).not.toContain("user.exported")
  })

  test("an export of nobody", async () => {
    const { auth } = accountApp()
    expect(await auth.flows.account.export("x")).toEqual({ ok: false, reason: "not_found" })
  })
})

/** A flow that says that everybody has a second factor, and asks nobody at sign-in. */
function heldByAll() {
  return {
    needs: [],
    build: () => ({
      ...{ steps: {}, routes: [], reasons: {}, opens: () => false },
      secondFactor: {
        kinds: [],
        ask: async () => undefined,
        isHeldBy: async () => true,
        loss: async () => "none" as const,
        forgetAll: async () => {},
      },
    }),
  }
}

test("a part that throws fails the request, and nothing is said to have been handed out", async () => {
  const parts = {
    orders: {
      export: () => {
        throw new Error("orders are down")
      },
      erase() {},
    },
  }
  const host = await withAda({ account: { parts } })
  const answer = await (await signedIn(host)).get("/auth/account/export")
  expect([answer.status, answer.headers.get("content-disposition")]).toEqual([500, null])
  expect(host.events.map(({ type }) => type)).not.toContain("user.exported")
})
