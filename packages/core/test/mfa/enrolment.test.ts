/** How second factors come and go: who may, what must be proven, and what ends by it. */
import { setTimeout } from "node:timers/promises"
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { opaque, type SessionStrategy } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { refreshTokens } from "../../src/refresh.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { type OAuthAppOptions, type OAuthHost, oauthApp } from "../oauth/oauth-app.js"
import { authenticatorApp } from "./authenticator-app.js"
import { enrolTotp, methodsOf, mfaOf, post, refusalOf, whoIs, withTotp } from "./mfa-app.js"
import { noneSent, secondFactors } from "./second-factors.js"

/** Windows of throttles are aligned to the clock. */
const noon = Date.UTC(2026, 10, 22, 12)
const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

async function hosted(options: OAuthAppOptions = {}, decided: Parameters<typeof secondFactors>[1] = {}) {
  const sent = noneSent()
  const host = oauthApp(remote, {
    clock: adjustableClock(noon),
    flows: { mfa: secondFactors(sent, decided) },
    ...options,
  })
  const user = await account(host, { verified: true })
  return { host, sent, user }
}

async function asked(host: OAuthHost): Promise<TestClient> {
  const browser = host.browser()
  await browser.post("/auth/login", { json: ada })
  return browser
}

const verify = (browser: TestClient, factor: string, code: string) =>
  browser.post("/auth/mfa/verify", { json: { factor, code } })

const enrol = (browser: TestClient, factor = "totp") => browser.post("/auth/mfa/enrol", { json: { factor } })

describe.each([
  ["opaque", () => opaque()],
  ["jwt, a record per session", () => jwt()],
  ["jwt, an epoch per user", () => jwt({ revocation: "user" })],
] satisfies [string, () => SessionStrategy][])("%s", (kept, sessions) => {
  test("enrolling makes this session strong, under a new token, and ends the others", async () => {
    const { host, sent, user } = await hosted({ sessions: sessions() })
    const [mine, others] = [await asked(host), await asked(host)]
    const before = mine.cookies.get("__Host-session") ?? ""
    const { codes } = await enrolTotp(host, mine)
    expect(codes).toHaveLength(10)
    expect(await methodsOf(mine)).toEqual(["pwd", "otp", "mfa"])
    expect(await whoIs(others)).toBeNull()
    expect(await host.auth.sessions.read(before)).toBeUndefined()
    expect(host.events).toContainEqual(
      expect.objectContaining({ type: "factor.enrolled", userId: user.id, factor: "totp" }),
    )
    expect(sent.mails).toContainEqual(
      expect.objectContaining({ to: ada.email, kind: "notice", notice: "factor_added" }),
    )
  })

  test("removing it ends the others too, takes the recovery codes along, and asks nobody any more", async () => {
    const { host, sent, user } = await hosted({ sessions: sessions() })
    const mine = await asked(host)
    const { app } = await enrolTotp(host, mine)
    host.clock.advance(60_000)
    const other = await asked(host)
    await verify(other, "totp", app.code())
    expect(await whoIs(other)).not.toBeNull()
    await post(mine, "/auth/mfa/remove", { factor: "totp" })
    await settled()
    expect([await whoIs(mine), await whoIs(other)]).toEqual([expect.anything(), null])
    expect((await host.stores.credentials.listByUser(user.id)).map(({ kind }) => kind)).toEqual(["password"])
    expect(sent.mails).toContainEqual(expect.objectContaining({ kind: "notice", notice: "factor_removed" }))
    expect(await whoIs(await asked(host))).not.toBeNull()
  })

  test("step-up: fresh again, under a new token, by the factor alone", async () => {
    const { host } = await hosted({ sessions: sessions() })
    const mine = await asked(host)
    const { app } = await enrolTotp(host, mine)
    host.clock.advance(3_600_000)
    expect(await refusalOf(await mine.post("/auth/mfa/recovery-codes", { json: {} }))).toEqual([
      401,
      "reauthentication_required",
    ])
    const before = mine.cookies.get("__Host-session") ?? ""
    await post(mine, "/auth/mfa/step-up", {})
    const answer = await verify(mine, "totp", app.code())
    expect(answer.status).toBe(200)
    expect((await answer.json()).session.authenticatedAt).toBeGreaterThan(host.clock() - 1000)
    // Where nothing is kept of a session but its user's epoch, only ending all of them ends a token.
    const isOver = (await host.auth.sessions.read(before)) === undefined
    expect(isOver).toBe(!kept.includes("epoch"))
    expect((await mine.post("/auth/mfa/recovery-codes", { json: {} })).status).toBe(200)
  })
})

test("for clients that keep tokens: challenge and step-up in the answers", async () => {
  const { host } = await hosted({ sessions: refreshTokens({ beside: opaque() }) })
  const { app } = await withTotp(host)
  const client = host.browser()
  const headers = { "mortise-session": "tokens" }
  const asking = await client.post("/auth/login", { json: ada, headers })
  const { challenge } = await asking.json()
  client.cookies.clear()
  const signedIn = await client.post("/auth/mfa/verify", {
    json: { challenge, factor: "totp", code: app.code() },
    headers,
  })
  const { access_token: token, refresh_token: refresh } = await signedIn.json()
  expect([token, refresh]).toEqual([expect.any(String), expect.any(String)])
  expect(signedIn.headers.getSetCookie().join()).not.toContain("__Host-session=")
  host.clock.advance(60_000)
  const bearer = { ...headers, authorization: `Bearer ${token}` }
  const step = await (await client.post("/auth/mfa/step-up", { json: {}, headers: bearer })).json()
  const stepped = await client.post("/auth/mfa/verify", {
    json: { challenge: step.challenge, factor: "totp", code: app.code() },
    headers: bearer,
  })
  expect(stepped.status).toBe(200)
  expect((await stepped.json()).access_token).toEqual(expect.any(String))
})

describe("who may change factors", () => {
  const changes: Readonly<Record<string, (browser: TestClient) => Promise<Response>>> = {
    "enrol totp": (browser) => enrol(browser),
    "enrol a number": (browser) =>
      browser.post("/auth/mfa/enrol", { json: { factor: "phone", number: "+4915112345678" } }),
    "confirm totp": (browser) =>
      browser.post("/auth/mfa/enrol/confirm", { json: { factor: "totp", code: "123456" } }),
    remove: (browser) => browser.post("/auth/mfa/remove", { json: { factor: "totp" } }),
    "new recovery codes": (browser) => browser.post("/auth/mfa/recovery-codes", { json: {} }),
  }

  describe.each(Object.keys(changes))("%s", (name) => {
    const change = changes[name] as (typeof changes)[string]

    test("nobody who is not signed in", async () => {
      const { host } = await hosted()
      const [status, reason] = await refusalOf(await change(host.browser()))
      expect([status, reason]).toEqual([401, "not_signed_in"])
    })

    test("nobody whose session is older than ten minutes", async () => {
      const { host } = await hosted()
      const browser = await asked(host)
      host.clock.advance(600_001)
      expect(await refusalOf(await change(browser))).toEqual([401, "reauthentication_required"])
    })

    test("nobody whose session was opened without the factor that there is", async () => {
      const { host, user } = await hosted()
      const weak = await asked(host)
      const strong = host.browser()
      await strong.post("/auth/login", { json: ada })
      // Enrolled by another session, which ends this one; so one that a remembered browser has opened.
      await enrolTotp(host, strong)
      host.clock.advance(60_000)
      const ticket = await host.auth.sessions.begin(user.id)
      expect(await whoIs(weak)).toBeNull()
      const record = (await host.stores.sessions.listByUser(user.id))[0]
      if (!record) throw new Error("no session")
      await host.stores.sessions.replace(
        { ...record, methods: ["pwd"], revision: record.revision + 1 },
        record.revision,
      )
      expect(ticket.userId).toBe(user.id)
      expect(await refusalOf(await change(strong))).toEqual([401, "insufficient_user_authentication"])
    })
  })

  test("a challenge that waits for a second factor changes none", async () => {
    const { host } = await hosted()
    await withTotp(host)
    for (const change of Object.values(changes)) {
      const browser = await asked(host)
      expect((await change(browser)).status).toBeGreaterThanOrEqual(400)
      expect(await whoIs(browser)).toBeNull()
    }
  })
})

describe("what is pending", () => {
  test("is the same for ten minutes, and counts for nothing", async () => {
    const { host, user } = await hosted()
    const browser = await asked(host)
    const [first, second] = [await (await enrol(browser)).json(), await (await enrol(browser)).json()]
    expect(second.uri).toBe(first.uri)
    expect((await host.stores.credentials.listByUser(user.id)).map(({ kind }) => kind)).toEqual(["password"])
    expect(await whoIs(await asked(host))).not.toBeNull()
    host.clock.advance(599_999)
    expect((await (await enrol(browser)).json()).uri).toBe(first.uri)
  })

  test("belongs to its session: another one of the user's has its own", async () => {
    const { host } = await hosted()
    const [one, other] = [await asked(host), await asked(host)]
    const { uri } = await (await enrol(one)).json()
    const app = authenticatorApp(uri, host.clock)
    const answer = await other.post("/auth/mfa/enrol/confirm", { json: { factor: "totp", code: app.code() } })
    expect(await refusalOf(answer)).toEqual([401, "mfa_challenge_invalid"])
  })

  test("is sealed in the store", async () => {
    const clock = adjustableClock(noon)
    const stores = memoryStores({ clock })
    const written: string[] = []
    const { host } = await hosted({
      clock,
      stores: {
        ...stores,
        challenges: {
          ...stores.challenges,
          add(key, value, expiresAt) {
            written.push(key, value)
            return stores.challenges.add(key, value, expiresAt)
          },
        },
      },
    })
    const browser = await asked(host)
    const { secret } = await (await enrol(browser)).json()
    const seed = Buffer.from(authenticatorApp(`x:?secret=${secret}`, host.clock).key).toString("base64url")
    expect(written.some((text) => text.startsWith("mfa-enrolment:"))).toBe(true)
    for (const canary of [secret, seed, ada.email]) expect(written.join("\n")).not.toContain(canary)
  })

  test("16 proofs at once: one is enrolled, once", async () => {
    const { host, user } = await hosted()
    const browser = await asked(host)
    const { uri } = await (await enrol(browser)).json()
    const app = authenticatorApp(uri, host.clock)
    const context = { token: browser.cookies.get("__Host-session") }
    const outcomes = await race(16, [
      () => mfaOf(host).confirmEnrolment({ factor: "totp", answer: app.code() }, context),
    ])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(
      (await host.stores.credentials.listByUser(user.id)).filter(({ kind }) => kind === "totp"),
    ).toHaveLength(1)
    expect(
      (await host.stores.credentials.listByUser(user.id)).filter(({ kind }) => kind === "recovery_code"),
    ).toHaveLength(10)
    expect(host.events.filter(({ type }) => type === "factor.enrolled")).toHaveLength(1)
  })

  test("one factor goes while another comes, in one session: nobody loses the session by it", async () => {
    const clock = adjustableClock(noon)
    const stores = memoryStores({ clock })
    let removal = async (): Promise<unknown> => undefined
    let meanwhile: Promise<unknown> | undefined
    const { host, sent, user } = await hosted({
      clock,
      stores: {
        ...stores,
        sessions: {
          ...stores.sessions,
          async replace(record, revision) {
            meanwhile ??= removal()
            await Promise.race([meanwhile, setTimeout(200)])
            return stores.sessions.replace(record, revision)
          },
        },
      },
    })
    const browser = await asked(host)
    await enrolTotp(host, browser)
    await post(browser, "/auth/mfa/enrol", { factor: "phone", number: "+4915112345678" })
    await settled()
    // While the session that enrolled the number is about to get its new token, the old one still opens it.
    const context = { token: browser.cookies.get("__Host-session") }
    removal = () => mfaOf(host).remove({ factor: "totp" }, context)
    meanwhile = undefined
    const answer = sent.messages.at(-1)?.code ?? ""
    const enrolled = await mfaOf(host).confirmEnrolment({ factor: "phone", answer }, context)
    expect(await meanwhile).toMatchObject({ reason: "not_signed_in" })
    expect(enrolled.ok && (await host.auth.sessions.read(enrolled.session.token))?.userId).toBe(user.id)
    const kinds = (await host.stores.credentials.listByUser(user.id)).map(({ kind }) => kind)
    expect(kinds).toEqual(expect.arrayContaining(["totp", "phone"]))
    expect(await host.stores.sessions.listByUser(user.id)).toHaveLength(1)
  })

  test("wrong proofs are counted like wrong codes", async () => {
    const { host } = await hosted()
    const browser = await asked(host)
    const app = authenticatorApp((await (await enrol(browser)).json()).uri, host.clock)
    const statuses: number[] = []
    for (let round = 0; round < 7; round++) {
      const answer = await browser.post("/auth/mfa/enrol/confirm", {
        json: { factor: "totp", code: app.wrongCode() },
      })
      statuses.push(answer.status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
  })

  test("a second app is a conflict", async () => {
    const { host } = await hosted()
    const browser = await asked(host)
    await enrolTotp(host, browser)
    expect(await refusalOf(await enrol(browser))).toEqual([409, "conflict"])
  })

  test.each(["email", "recovery_code", "passkey", "pigeon"])("%s is not enrolled here", async (factor) => {
    const { host } = await hosted()
    const [status] = await refusalOf(await enrol(await asked(host), factor))
    expect([400, 409]).toContain(status)
  })
})

describe("where a second factor is required", () => {
  test("whoever has none, and no verified address, enrols one while signing in: then the session opens", async () => {
    const { host, user } = await hosted({}, { required: true })
    await host.stores.users.update(user.id, { emailVerifiedAt: null })
    const browser = await asked(host)
    const state = await (await browser.get("/auth/mfa")).json()
    expect(state.challenge).toMatchObject({ purpose: "sign_in", factors: [], enrol: ["totp", "phone"] })
    const { uri } = await (await enrol(browser)).json()
    expect(await whoIs(browser)).toBeNull()
    const app = authenticatorApp(uri, host.clock)
    const done = await browser.post("/auth/mfa/enrol/confirm", { json: { factor: "totp", code: app.code() } })
    expect((await done.json()).recoveryCodes).toHaveLength(10)
    expect(await methodsOf(browser)).toEqual(["pwd", "otp", "mfa"])
    expect(browser.cookies.has("__Host-mfa")).toBe(false)
  })

  test("by form, with the page in between", async () => {
    const { host, user } = await hosted({}, { required: (one) => one.email === ada.email })
    await host.stores.users.update(user.id, { emailVerifiedAt: null })
    const browser = host.browser()
    const answer = await browser.post("/auth/login", { form: { ...ada, return_to: "/x" } })
    expect(answer.headers.get("location")).toBe("/second-factor?return_to=%2Fx")
    const cookies = [...browser.cookies].map(([name, value]) => `${name}=${value}`)
    const challenge = mfaOf(host).challengeOf(`other=1; ${cookies.join("; ")}`)
    const shown = await mfaOf(host).enrol({ factor: "totp", challenge })
    const app = authenticatorApp(shown.ok ? String(Reflect.get(shown.json, "uri")) : "", host.clock)
    const done = await browser.post("/auth/mfa/enrol/confirm", {
      form: { factor: "totp", code: app.code(), return_to: "/x" },
    })
    expect([done.status, done.headers.get("location")]).toEqual([303, "/x"])
    expect(await methodsOf(browser)).toEqual(["pwd", "otp", "mfa"])
  })

  test("who has a verified address proves that, and cannot enrol by the password alone", async () => {
    const { host } = await hosted({}, { required: true })
    const browser = await asked(host)
    const { challenge } = await (await browser.get("/auth/mfa")).json()
    expect(challenge).toMatchObject({ factors: ["email"], enrol: [] })
    expect(await refusalOf(await enrol(browser))).toEqual([401, "mfa_challenge_invalid"])
  })

  test("16 enrolments of one sign-in at once: one opens it", async () => {
    const { host, user } = await hosted({}, { required: true })
    await host.stores.users.update(user.id, { emailVerifiedAt: null })
    const browser = await asked(host)
    const { uri } = await (await enrol(browser)).json()
    const app = authenticatorApp(uri, host.clock)
    const challenge = browser.cookies.get("__Host-mfa")
    const outcomes = await race(16, [
      () => mfaOf(host).confirmEnrolment({ factor: "totp", challenge, answer: app.code() }),
    ])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await host.stores.sessions.listByUser(user.id)).toHaveLength(1)
  })

  test("the last factor cannot go", async () => {
    const { host, user } = await hosted({}, { required: true })
    await host.stores.users.update(user.id, { emailVerifiedAt: null })
    const browser = await asked(host)
    await enrolTotp(host, browser)
    expect(await refusalOf(await browser.post("/auth/mfa/remove", { json: { factor: "totp" } }))).toEqual([
      409,
      "last_way_in",
    ])
  })
})

describe("a remembered browser", () => {
  async function remembered() {
    const scene = await hosted()
    const { app } = await withTotp(scene.host)
    const browser = await asked(scene.host)
    const answer = await browser.post("/auth/mfa/verify", {
      json: { factor: "totp", code: app.code(), remember: true },
    })
    expect(answer.headers.getSetCookie()).toContainEqual(
      expect.stringMatching(
        /^__Host-mfa-device=[\w.-]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    )
    await post(browser, "/auth/logout", {})
    scene.host.clock.advance(60_000)
    return { ...scene, app, browser }
  }

  test("is not asked again, for thirty days; its session is one of one factor", async () => {
    const { browser, host } = await remembered()
    expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
    expect(await methodsOf(browser)).toEqual(["pwd"])
    expect(await refusalOf(await browser.post("/auth/mfa/recovery-codes", { json: {} }))).toEqual([
      401,
      "insufficient_user_authentication",
    ])
    await post(browser, "/auth/logout", {})
    host.clock.advance(30 * 86_400_000 - 60_001)
    expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
    await post(browser, "/auth/logout", {})
    host.clock.advance(1)
    expect((await browser.post("/auth/login", { json: ada })).status).toBe(401)
  })

  test("is remembered for its own user alone", async () => {
    const { browser, host } = await remembered()
    const device = browser.cookies.get("__Host-mfa-device") ?? ""
    const eve = { email: "eve@example.com", password: ada.password }
    await account(host, { email: eve.email, verified: true })
    const other = host.browser()
    await post(other, "/auth/login", eve)
    await enrolTotp(host, other)
    await post(other, "/auth/logout", {})
    other.cookies.set("__Host-mfa-device", device)
    expect((await other.post("/auth/login", { json: eve })).status).toBe(401)
  })

  const forgetting: Readonly<
    Record<string, (scene: Awaited<ReturnType<typeof remembered>>) => Promise<unknown>>
  > = {
    "every session ended": ({ host, user }) => host.auth.sessions.endAll(user.id, "revoked", {}),
    "the password was set": ({ host, user }) =>
      host.auth.flows.password.set(user.id, ada.password.toUpperCase()),
    "the factor was enrolled anew": async ({ app, host }) => {
      const browser = await asked(host)
      host.clock.advance(60_000)
      await verify(browser, "totp", app.code())
      await post(browser, "/auth/mfa/remove", { factor: "totp" })
      host.clock.advance(60_000)
      await enrolTotp(host, browser)
    },
  }

  test.each(Object.keys(forgetting))("is forgotten once %s", async (name) => {
    const scene = await remembered()
    await forgetting[name]?.(scene)
    const password = name.includes("password") ? ada.password.toUpperCase() : ada.password
    const answer = await scene.browser.post("/auth/login", { json: { email: ada.email, password } })
    expect(await refusalOf(answer)).toEqual([401, "mfa_required"])
  })

  test.each(["", "a.b.c", "1.9999999999999.x", "x".repeat(5000), "..", "a.NaN.b", "a.Infinity.b"])(
    "%j is none",
    async (device) => {
      const { host } = await hosted()
      await withTotp(host)
      const browser = host.browser()
      browser.cookies.set("__Host-mfa-device", device)
      expect((await browser.post("/auth/login", { json: ada })).status).toBe(401)
    },
  )

  test("not by a recovery code, and not where the host does not want it", async () => {
    const { host } = await hosted({}, { remember: false })
    const { app, codes } = await withTotp(host)
    const browser = await asked(host)
    const answer = await browser.post("/auth/mfa/verify", {
      json: { factor: "totp", code: app.code(), remember: true },
    })
    expect(answer.headers.getSetCookie().join()).not.toContain("mfa-device")
    const second = await hosted()
    const other = await withTotp(second.host)
    const lost = await asked(second.host)
    const byCode = await lost.post("/auth/mfa/verify", {
      json: { factor: "recovery_code", code: other.codes[0], remember: true },
    })
    expect([byCode.status, byCode.headers.getSetCookie().join().includes("mfa-device")]).toEqual([200, false])
    expect(codes).toHaveLength(10)
  })
})
