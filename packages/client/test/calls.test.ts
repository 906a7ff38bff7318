/** Every route, called over HTTP on the real library. */
import { createHmac } from "node:crypto"
import { afterEach, describe, expect, onTestFinished, test } from "vitest"
import { softwareAuthenticator } from "../../core/test/passkey/authenticator.js"
import { routes } from "../src/routes.js"
import { clientOf, cookieJar } from "./browser.js"
import { ada, eve, type HostOptions, type RealHost, startHost } from "./real-host.js"

let host: RealHost | undefined
afterEach(() => host?.close())

async function hostWith(options: HostOptions = {}): Promise<RealHost> {
  host = await startHost(options)
  return host
}

describe("password", () => {
  test("login grants user and session, and the store knows them", async () => {
    const client = clientOf(await hostWith())
    const outcome = await client.login(ada)
    if (!outcome.ok) throw new Error(outcome.detail)
    expect(outcome.user.claims).toEqual({ email: ada.email, isSponsor: true })
    expect(client.get()).toMatchObject({ status: "signed_in", user: outcome.user, error: null })
    expect(client.get().session?.id).toBe(outcome.session.id)
  })

  test("a refusal is a value with the server's reason, and changes nothing", async () => {
    const client = clientOf(await hostWith())
    expect(await client.login({ ...ada, password: "not the right phrase" })).toEqual({
      ok: false,
      reason: "invalid_credentials",
      status: 401,
      detail: "The e-mail address or the password is not right.",
    })
    expect(client.get()).toEqual({ status: "loading", user: null, session: null, error: null })
  })

  test("register signs nobody in where it is private, and at once where it is immediate", async () => {
    const account = { email: "new@example.com", password: "seven green kettles singing" }
    const client = clientOf(await hostWith())
    expect(await client.register(account)).toEqual({ ok: true })
    expect(await client.register({ ...account, password: "short" })).toMatchObject({
      reason: "password_too_short",
      status: 422,
    })
    await host?.close()
    const immediate = clientOf(await hostWith({ registration: "immediate" }))
    const outcome = await immediate.register(account)
    expect(outcome).toMatchObject({ ok: true, user: { claims: { email: account.email } } })
    expect(immediate.get().status).toBe("signed_in")
  })

  test("changePassword sends the names that the route takes", async () => {
    const client = clientOf(await hostWith())
    await client.login(ada)
    const before = client.get().session?.id
    const newPassword = "seven green kettles singing"
    expect(await client.changePassword({ currentPassword: ada.password, newPassword })).toMatchObject({
      ok: true,
      session: { id: before },
    })
    expect(await client.changePassword({ currentPassword: ada.password, newPassword })).toMatchObject({
      ok: false,
      reason: "wrong_password",
    })
  })
})

describe("a forgotten password", () => {
  test("is asked for, looked at and replaced; nobody is signed in by it", async () => {
    const jar = cookieJar()
    const { mail, url } = await hostWith()
    if (!host) throw new Error("no host")
    const client = clientOf(host, jar)
    expect(await client.passwordForgot({ email: ada.email })).toEqual({ ok: true })
    expect(await client.passwordResetCheck()).toMatchObject({ ok: false, reason: "link_invalid" })
    const sent = await mail.nextAccountMail("reset_password")
    const token = new URL(sent.url).searchParams.get("token") ?? ""
    expect(sent.url.startsWith(`${url}/auth/password/reset?token=`)).toBe(true)
    jar.cookies.set("__Host-password-reset", token)
    expect(await client.passwordResetCheck()).toMatchObject({ ok: true, email: ada.email })
    const password = "seven green kettles singing"
    expect(await client.passwordReset({ password: "short" })).toMatchObject({ reason: "password_too_short" })
    expect(await client.passwordReset({ password, token })).toEqual({ ok: true })
    expect(client.get().status).not.toBe("signed_in")
    expect(await client.login({ ...ada, password })).toMatchObject({ ok: true })
  })
})

describe("the address, and the account for a while", () => {
  async function tokenOf(
    { mail }: RealHost,
    kind: "verify_email" | "confirm_email" | "email_changed" | "reactivate_account",
  ): Promise<string> {
    const { url } = await mail.nextAccountMail(kind)
    return new URL(url).searchParams.get("token") ?? ""
  }

  test("is proven, changed and changed back; the password once more; closed and opened again", async () => {
    const server = await hostWith()
    const client = clientOf(server)
    await client.login(ada)
    // Both who are here have registered: the first mail is ada's.
    const token = await tokenOf(server, "verify_email")
    expect(await client.emailVerifyRequest()).toEqual({ ok: true, mailed: true })
    expect(await client.emailVerify({ token })).toEqual({ ok: true, email: ada.email })
    expect(await client.emailVerify({ token })).toMatchObject({ ok: false, reason: "link_used" })
    expect(await client.passwordConfirm({ password: ada.password })).toMatchObject({
      ok: true,
      user: { claims: { email: ada.email } },
    })
    expect(await client.emailChange({ email: "ada@new.example" })).toEqual({ ok: true })
    const change = await tokenOf(server, "confirm_email")
    // Its claims are those that the session was opened with.
    expect(await client.emailConfirm({ token: change })).toMatchObject({
      ok: true,
      user: { claims: { email: ada.email } },
    })
    expect(client.get().status).toBe("signed_in")
    expect((await server.auth.flows.password.signIn({ ...ada, email: "ada@new.example" })).ok).toBe(true)
    expect(await client.accountDeactivate()).toEqual({ ok: true })
    expect(client.get().status).toBe("signed_out")
    const back = await tokenOf(server, "reactivate_account")
    expect(await client.accountReactivate({ token: back })).toEqual({ ok: true, email: "ada@new.example" })
    const undo = await tokenOf(server, "email_changed")
    expect(await client.emailUndo({ token: undo })).toEqual({ ok: true, email: ada.email })
    expect(client.get().status).toBe("signed_out")
  })
})

describe("sessions", () => {
  test("logout ends the session on the server and in the store", async () => {
    const jar = cookieJar()
    const client = clientOf(await hostWith(), jar)
    await client.login(ada)
    const stolen = new Map(jar.cookies)
    expect(await client.logout()).toEqual({ ok: true })
    expect(client.get()).toEqual({ status: "signed_out", user: null, session: null, error: null })
    for (const [name, value] of stolen) jar.cookies.set(name, value)
    expect((await client.refresh()).status).toBe("signed_out")
  })

  test("another device is ended without harm to this one, and this one signs out", async () => {
    const here = clientOf(await hostWith())
    const there = clientOf(host as RealHost)
    await here.login(ada)
    await there.login(ada)
    const listed = await here.sessions()
    if (!listed.ok) throw new Error(listed.detail)
    const other = listed.sessions.find(({ current }) => !current)
    expect(listed.sessions).toHaveLength(2)
    expect(await here.endSession(other?.id ?? "")).toEqual({ ok: true })
    expect(here.get().status).toBe("signed_in")
    expect((await there.refresh()).status).toBe("signed_out")
    expect(await here.endSession("unknown")).toMatchObject({ ok: false, reason: "not_found" })
    expect(await here.endSession(here.get().session?.id ?? "")).toEqual({ ok: true })
    expect(here.get().status).toBe("signed_out")
  })

  test.each([
    ["all", "signed_out"],
    ["others", "signed_in"],
  ] as const)("endSessions %s leaves this one %s", async (session, status) => {
    const here = clientOf(await hostWith())
    await clientOf(host as RealHost).login(ada)
    await here.login(ada)
    expect(await here.endSessions({ session })).toMatchObject({ ok: true })
    expect(here.get().status).toBe(status)
    expect((await here.refresh()).status).toBe(status)
  })

  test("a call that is refused because the session has ended elsewhere says so to the store", async () => {
    const here = clientOf(await hostWith())
    await here.login(ada)
    const { user } = here.get()
    await host?.auth.sessions.endAll(user?.id ?? "", "revoked", {})
    expect(await here.sessions()).toMatchObject({ ok: false, reason: "not_signed_in", status: 401 })
    expect((await here.refresh()).status).toBe("signed_out")
  })
})

describe("magic link", () => {
  test("by link and by code, in a language of the host's", async () => {
    const client = clientOf(await hostWith())
    expect(await client.magicLink({ email: eve.email, locale: "de", returnTo: "/start" })).toEqual({
      ok: true,
    })
    const mail = await host?.mail.next()
    expect(mail?.locale).toBe("de")
    const token = new URL(mail?.url ?? "").searchParams.get("token") ?? ""
    expect(await client.magicLinkConfirm({ token, claim: true })).toMatchObject({
      ok: true,
      locale: "de",
      user: { claims: { email: eve.email } },
    })
    expect(client.get().status).toBe("signed_in")
    expect(await client.magicLinkConfirm({ token })).toMatchObject({
      ok: false,
      reason: "link_used",
      status: 410,
    })

    await client.magicLink({ email: eve.email })
    const code = (await host?.mail.next())?.code ?? ""
    expect(await client.magicLinkCode({ code: "00000000" })).toMatchObject({
      ok: false,
      reason: "code_invalid",
    })
    expect(await client.magicLinkCode({ code })).toMatchObject({ ok: true, locale: "en" })
  })
})

describe("passkeys", () => {
  test("one is made, named, listed, signs in and goes; an answer to nothing is refused", async () => {
    const { url } = await hostWith()
    if (!host) throw new Error("no host")
    const client = clientOf(host)
    const key = softwareAuthenticator({ origin: url })
    await client.login(ada)
    const creation = await client.passkeyRegisterOptions()
    if (!creation.ok) throw new Error(creation.detail)
    const made = await client.passkeyRegister({ response: key.create(creation.options), name: "One" })
    expect(made).toMatchObject({ ok: true, passkey: { name: "One", use: "sign_in" } })
    expect(client.get().session?.methods).toEqual(["pwd", "hwk", "user", "mfa"])
    const passkey = key.keys[0]?.id ?? ""
    expect(await client.passkeyRename({ passkey, name: "Two" })).toEqual({ ok: true })
    expect(await client.passkeys()).toMatchObject({ ok: true, passkeys: [{ id: passkey, name: "Two" }] })
    await client.logout()

    const asked = await client.passkeySignInOptions()
    if (!asked.ok) throw new Error(asked.detail)
    const response = key.get(asked.options)
    expect(await client.passkeySignIn({ response })).toMatchObject({
      ok: true,
      user: { claims: { email: ada.email } },
    })
    expect(client.get().status).toBe("signed_in")
    expect(await client.passkeySignIn({ response })).toMatchObject({
      ok: false,
      reason: "passkey_invalid",
      status: 401,
    })
    expect(await client.passkeyRemove({ passkey })).toMatchObject({
      ok: true,
      user: { claims: { email: ada.email } },
    })
    expect(client.get().status).toBe("signed_in")
  })
})

describe("second factors", () => {
  /** HOTP of RFC 4226, of the step that the host's clock is in. */
  function codeOf(secret: string, now: number): string {
    const bits = [...secret].map((letter) =>
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
    )
    const key = Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)))
    const digest = createHmac("sha1", key).update(counter).digest()
    const offset = (digest.at(-1) ?? 0) & 15
    return `${(digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000}`.padStart(6, "0")
  }

  test("enrolled, asked for at the next sign-in, stepped up, removed", async () => {
    const host = await hostWith()
    const client = clientOf(host)
    await client.login(ada)
    const begun = await client.mfaEnrol({ factor: "totp" })
    const secret = String(Reflect.get(begun, "secret"))
    const confirmed = await client.mfaConfirm({ factor: "totp", code: codeOf(secret, host.clock()) })
    if (!confirmed.ok) throw new Error(confirmed.detail)
    expect(confirmed.recoveryCodes).toHaveLength(10)
    expect(client.get().session?.methods).toEqual(["pwd", "otp", "mfa"])
    expect(await client.mfa()).toMatchObject({ ok: true, factors: [{ factor: "totp" }], recoveryCodes: 10 })
    await client.logout()

    host.clock.advance(60_000)
    const asked = await client.login(ada)
    expect(asked).toMatchObject({
      ok: false,
      reason: "mfa_required",
      status: 401,
      secondFactor: { factors: ["totp", "recovery_code"], enrol: [], canRemember: true },
    })
    expect(client.get().status).not.toBe("signed_in")
    expect(await client.mfaVerify({ factor: "totp", code: "000000" })).toMatchObject({
      ok: false,
      reason: "code_invalid",
    })
    expect(await client.mfaVerify({ factor: "totp", code: codeOf(secret, host.clock()) })).toMatchObject({
      ok: true,
      user: { claims: { email: ada.email } },
    })
    expect(client.get().status).toBe("signed_in")

    host.clock.advance(3_600_000)
    expect(await client.mfaRemove({ factor: "totp" })).toMatchObject({ reason: "reauthentication_required" })
    expect(await client.mfaStepUp()).toMatchObject({
      ok: true,
      purpose: "step_up",
      factors: ["totp", "recovery_code"],
    })
    await client.mfaVerify({ factor: "totp", code: codeOf(secret, host.clock()) })
    expect(await client.mfaRecoveryCodes()).toMatchObject({ ok: true, codes: { length: 10 } })
    expect(await client.mfaRemove({ factor: "totp" })).toMatchObject({ ok: true })
    expect(client.get().session?.methods).toContain("mfa")
    await client.logout()
    expect(await client.login(ada)).toMatchObject({ ok: true })
  })

  test("mfaBegin names what is wrong", async () => {
    const client = clientOf(await hostWith())
    expect(await client.mfaBegin({ factor: "email" })).toMatchObject({ reason: "mfa_challenge_invalid" })
  })
})

describe("account", () => {
  test("consents are given and withdrawn, what is kept is exported, and erasing signs out", async () => {
    const client = clientOf(await hostWith())
    await client.login(ada)
    expect(await client.consentsGive({ purpose: "newsletter", version: "1" })).toMatchObject({ ok: true })
    expect(await client.consents()).toMatchObject({ consents: [{ purpose: "newsletter", given: true }] })
    expect(await client.consentsWithdraw({ purpose: "newsletter" })).toMatchObject({ ok: true })
    expect(JSON.stringify(await client.accountExport())).toContain(ada.email)
    expect(await client.accountErase()).toMatchObject({ ok: true })
    expect(client.get().status).toBe("signed_out")
    expect(await client.login(ada)).toMatchObject({ ok: false, reason: "invalid_credentials" })
  })
})

describe("oauth", () => {
  test("a start answers the address to go to", async () => {
    const client = clientOf(await hostWith())
    const outcome = await client.oauthStart("github", { returnTo: "/start" })
    if (!outcome.ok) throw new Error(outcome.detail)
    expect(new URL(outcome.url).origin).toBe("https://github.com")
    expect(await client.oauthStart("gitlab")).toMatchObject({ ok: false, reason: "not_found", status: 404 })
  })

  test("what waits, and what is linked", async () => {
    const client = clientOf(await hostWith())
    expect(await client.oauthPending()).toEqual({ ok: true, pending: null })
    expect(await client.oauthIdentities()).toMatchObject({ ok: false, reason: "not_signed_in" })
    await client.login(ada)
    expect(await client.oauthIdentities()).toEqual({ ok: true, identities: [] })
    expect(await client.oauthUnlink({ identity: "unknown" })).toMatchObject({
      ok: false,
      reason: "not_found",
    })
    expect(await client.oauthStartLink("github")).toMatchObject({ ok: true })
    expect(await client.oauthCancel()).toEqual({ ok: true })
    expect(await client.oauthConfirm()).toMatchObject({ ok: false, reason: "not_found" })
    expect(await client.oauthClaim()).toMatchObject({ ok: false, reason: "oauth_link_required" })
  })
})

test("every route of the library's is here, but those that only browsers and the store go to", async () => {
  const { auth } = await hostWith()
  const elsewhere = new Set(["session", "refresh", "oauthStartByLink", "oauthCallback"])
  const callable = auth.routes.filter(
    ({ method, name }) =>
      !elsewhere.has(name) &&
      // For forms, which know no DELETE.
      !(method === "POST" && name === "accountErase") &&
      !(
        method === "GET" &&
        /^(?:magicLinkConfirm|passwordReset|email(?:Verify|Confirm|Undo)|accountReactivate)$/.test(name)
      ),
  )
  const table = Object.entries(routes).map(([name, route]) => {
    const [path, method = "POST"] = route.split(" ")
    return { name, method, path: `/auth/${path}` }
  })
  expect(table).toEqual(expect.arrayContaining(callable))
  expect(table).toHaveLength(callable.length)
})

test("routes are where the host has renamed them to", async () => {
  const paths = { login: "/api/sign-in", session: "me", endSession: "devices/:id" }
  const client = clientOf(await hostWith({ paths }), cookieJar(), { paths })
  expect(await client.login(ada)).toMatchObject({ ok: true })
  expect(host?.asked).toEqual(["POST /api/sign-in", "GET /auth/me"])
  expect(await client.endSession(client.get().session?.id ?? "")).toEqual({ ok: true })
})

describe("what goes wrong on the way is a value", () => {
  test("no server at all", async () => {
    const client = clientOf(await hostWith())
    await host?.close()
    host = undefined
    expect(await client.login(ada)).toMatchObject({ ok: false, reason: "network", status: 0 })
  })

  test("no answer within the time", async () => {
    const client = clientOf(await hostWith(), cookieJar(), { timeout: 0.05 })
    const forever = new Promise<undefined>((resolve) => onTestFinished(() => resolve(undefined)))
    ;(host as RealHost).front = () => forever
    expect(await client.login(ada)).toMatchObject({ ok: false, reason: "network", status: 0 })
  })

  test.each([
    [new Response("<h1>Bad Gateway</h1>", { status: 502 }), { reason: "unavailable", status: 502 }],
    [
      new Response("", { status: 503, headers: { "retry-after": "7" } }),
      { reason: "unavailable", status: 503, retryAfter: 7 },
    ],
    [new Response("slow down", { status: 429 }), { reason: "rate_limited", status: 429 }],
    [new Response("<!doctype html>"), { reason: "unexpected_answer", status: 200 }],
    [new Response("null"), { reason: "unexpected_answer", status: 200 }],
    [new Response("", { status: 404 }), { reason: "unexpected_answer", status: 404 }],
    [
      Response.json({ reason: "rate_limited", detail: "Wait.", retryAfter: 30 }, { status: 429 }),
      { reason: "rate_limited", detail: "Wait.", retryAfter: 30 },
    ],
  ])("an answer that is not the library's own (%#)", async (response, expected) => {
    const client = clientOf(await hostWith())
    ;(host as RealHost).front = () => response.clone()
    expect(await client.login(ada)).toMatchObject({ ok: false, ...expected })
  })

  test("a cookie that the browser drops: the sign-in says so, and nobody is signed in", async () => {
    const client = clientOf(await hostWith(), { cookies: new Map(), fetch })
    expect(await client.login(ada)).toMatchObject({ ok: false, reason: "cookie_not_kept", status: 200 })
    expect(client.get().status).toBe("signed_out")
  })

  test("an old cookie of another domain that wins over the new one", async () => {
    const client = clientOf(await hostWith())
    const other = clientOf(host as RealHost)
    await other.login(eve)
    const { session, user } = other.get()
    ;(host as RealHost).front = ({ method }) =>
      method === "GET" ? Response.json({ user, session }) : undefined
    expect(await client.login(ada)).toMatchObject({ ok: false, reason: "cookie_not_kept" })
    expect(client.get().user).toEqual(user)
  })

  test("a session that cannot be looked at after the sign-in is believed", async () => {
    const client = clientOf(await hostWith())
    ;(host as RealHost).front = (request) =>
      request.method === "GET" ? new Response("", { status: 503 }) : undefined
    expect(await client.login(ada)).toMatchObject({ ok: true })
    expect(client.get()).toMatchObject({
      status: "signed_in",
      user: { claims: { email: ada.email } },
      error: null,
    })
  })
})
