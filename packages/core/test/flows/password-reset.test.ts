/** A forgotten password over HTTP, as browsers go through it with scripts and without. */
import { describe, expect, test } from "vitest"
import { ada, origin } from "../app.js"
import { next, opens, pathIn, resetApp, settled, tokenIn } from "../password-reset/reset-app.js"

const cookieName = "__Host-password-reset"
const locationOf = (answer: Response): string => `${answer.status} ${answer.headers.get("location")}`

describe("with forms alone", () => {
  test("a link is asked for, opened, and a new password typed; the visitor signs in with it", async () => {
    const host = resetApp()
    const user = await host.account()
    const browser = host.browser()
    const asked = await browser.post("/auth/password/forgot", { form: { email: " ADA@example.com " } })
    expect(locationOf(asked)).toBe("303 /forgot-password?notice=reset_requested")
    expect(browser.cookies.size).toBe(0)
    const mail = await host.mail.nextAccountMail("reset_password")
    expect(mail).toMatchObject({ to: ada.email, locale: "en", expiresAt: host.clock() + 1_800_000 })
    expect(mail.url).toMatch(/^https:\/\/app\.example\.com\/auth\/password\/reset\?token=[\w-]+\.[\w-]{43}$/)

    const opened = await browser.get(pathIn(mail.url))
    expect(locationOf(opened)).toBe("303 /reset-password")
    expect(opened.headers.get("referrer-policy")).toBe("no-referrer")
    const { peekReset, resetTokenOf } = host.auth.flows.password
    const held = resetTokenOf(`${cookieName}=${browser.cookies.get(cookieName)}`)
    expect(await peekReset({ token: held })).toMatchObject({ ok: true, email: ada.email })
    const [cookie = "", ...more] = opened.headers.getSetCookie()
    expect(more).toEqual([])
    const attributes = cookie.split("; ").slice(1)
    expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=1800", "Path=/", "SameSite=Lax", "Secure"])

    const posted = await browser.post("/auth/password/reset", { form: { password: next } })
    expect(locationOf(posted)).toBe("303 /sign-in?notice=password_reset")
    expect(browser.cookies.size).toBe(0)
    expect([await opens(host, ada.password), await opens(host, next)]).toEqual([false, true])
    const notice = await host.mail.nextAccountMail("notice")
    expect(notice).toMatchObject({ to: ada.email, notice: "password_reset", at: host.clock() })
    const types = host.events.map(({ type }) => type)
    expect(types.slice(0, 2)).toEqual(["password.reset_requested", "password.reset"])
    expect(host.events[1]).toMatchObject({ userId: user.id })
  })

  test.each([
    ["a link that is none", "x", "link_invalid"],
    ["no link at all", "", "link_invalid"],
  ])("%s leads to the page with a word for it, and ends what the browser held", async (_, token, error) => {
    const host = resetApp()
    await host.account()
    const browser = host.browser()
    await browser.get(`/auth/password/reset?token=${await host.tokenFor()}`)
    expect([...browser.cookies.keys()]).toEqual([cookieName])
    const opened = await browser.get(`/auth/password/reset${token && `?token=${token}`}`)
    expect(locationOf(opened)).toBe(`303 /reset-password?error=${error}`)
    expect(browser.cookies.size).toBe(0)
  })

  test("an old link and a used one lead to the page with a word for it", async () => {
    const host = resetApp()
    await host.account()
    const [used, old] = [await host.tokenFor(), await host.tokenFor()]
    await host.auth.flows.password.reset({ token: used, password: next })
    const browser = host.browser()
    const linkTo = (token: string) => browser.get(`/auth/password/reset?token=${token}`)
    expect(locationOf(await linkTo(used))).toBe("303 /reset-password?error=link_used")
    expect(locationOf(await linkTo(old))).toBe("303 /reset-password?error=link_expired")
    expect(browser.cookies.size).toBe(0)
  })

  test("a password that the policy refuses leads back to the page, and the link is still good", async () => {
    const host = resetApp()
    await host.account()
    const browser = host.browser()
    await browser.get(`/auth/password/reset?token=${await host.tokenFor()}`)
    for (const [password, error] of [
      ["too short", "password_too_short"],
      ["ada@example.com ada@example.com", "password_common"],
      ["x".repeat(1025), "password_too_long"],
    ] as const) {
      const answer = await browser.post("/auth/password/reset", { form: { password } })
      expect(locationOf(answer)).toBe(`303 /reset-password?error=${error}`)
    }
    expect(await opens(host, ada.password)).toBe(true)
    const answer = await browser.post("/auth/password/reset", { form: { password: next } })
    // Whoever signed in meanwhile has changed nothing.
    expect(locationOf(answer)).toBe("303 /sign-in?notice=password_reset")
    expect(await opens(host, next)).toBe(true)
  })

  test("a browser that holds no link is told so", async () => {
    const host = resetApp()
    const answer = await host.browser().post("/auth/password/reset", { form: { password: next } })
    expect(locationOf(answer)).toBe("303 /reset-password?error=link_invalid")
  })

  test("pages of the host's own, and a return path that is handed on", async () => {
    const host = resetApp({ reset: { pages: { forgot: "/de/vergessen", reset: "/de/neu?x=1" } } })
    await host.account()
    const browser = host.browser()
    const form = { email: ada.email, return_to: "/workspace" }
    expect(locationOf(await browser.post("/auth/password/forgot", { form }))).toBe(
      "303 /de/vergessen?notice=reset_requested&return_to=%2Fworkspace",
    )
    const { url } = await host.mail.nextAccountMail("reset_password")
    expect(locationOf(await browser.get(pathIn(url)))).toBe("303 /de/neu?x=1")
    expect(locationOf(await browser.get("/auth/password/reset?token=x"))).toBe(
      "303 /de/neu?x=1&error=link_invalid",
    )
  })
})

describe("with scripts", () => {
  test("the same by JSON: 202, the check, 200", async () => {
    const host = resetApp()
    await host.account()
    const browser = host.browser()
    const asked = await browser.post("/auth/password/forgot", { json: { email: ada.email } })
    expect([asked.status, await asked.json()]).toEqual([202, {}])
    const { expiresAt, url } = await host.mail.nextAccountMail("reset_password")
    expect((await browser.get("/auth/password/reset/check")).status).toBe(400)
    await browser.get(pathIn(url))
    const checked = await browser.get("/auth/password/reset/check")
    expect([checked.status, await checked.json()]).toEqual([200, { email: ada.email, expiresAt }])
    const posted = await browser.post("/auth/password/reset", { json: { password: next } })
    expect([posted.status, await posted.json()]).toEqual([200, {}])
    expect(browser.cookies.size).toBe(0)
    expect(await opens(host, next)).toBe(true)
  })

  test("a client without cookies sends the token itself, and that goes before the cookie", async () => {
    const host = resetApp()
    await host.account()
    const [one, other] = [await host.tokenFor(), await host.tokenFor()]
    const browser = host.browser()
    await browser.get(`/auth/password/reset?token=${one}`)
    const wrong = await browser.post("/auth/password/reset", { json: { password: next, token: `${other}x` } })
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { reason: "link_invalid" }])
    const right = await host
      .browser()
      .post("/auth/password/reset", { json: { password: next, token: other } })
    expect(right.status).toBe(200)
  })

  test.each([
    ["link_invalid", 400],
    ["link_expired", 410],
    ["link_used", 410],
    ["forbidden", 403],
    ["password_too_short", 422],
  ] as const)("%s is %i, as a problem", async (reason, status) => {
    const host = resetApp()
    const user = await host.account()
    const token = await host.tokenFor()
    if (reason === "link_expired") host.clock.advance(1_800_000)
    if (reason === "link_used") await host.auth.flows.password.reset({ token, password: next })
    if (reason === "forbidden") await host.auth.users.disable(user.id)
    const json = {
      password: reason === "password_too_short" ? "short" : next,
      token: reason === "link_invalid" ? "x" : token,
    }
    const answer = await host.browser().post("/auth/password/reset", { json })
    expect([answer.status, await answer.json()]).toMatchObject([status, { reason, status }])
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test.each([{}, { email: 1 }, { email: null }, []])("a body that is none: %j", async (json) => {
    const host = resetApp()
    for (const path of ["/auth/password/forgot", "/auth/password/reset"]) {
      const answer = await host.browser().post(path, { json })
      expect([answer.status, await answer.json()]).toMatchObject([400, { reason: "invalid_request" }])
    }
  })
})

describe("a look that is no click", () => {
  test("mail scanners and previews use nothing up", async () => {
    const host = resetApp()
    await host.account()
    const token = await host.tokenFor()
    for (let n = 0; n < 3; n++) await host.browser().get(`/auth/password/reset?token=${token}`)
    await host.browser().send("HEAD", `/auth/password/reset?token=${token}`)
    expect((await host.auth.flows.password.reset({ token, password: next })).ok).toBe(true)
  })

  test.each([
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
  ])("a picture, a frame or a script puts no link into the browser: %j", async (headers) => {
    const host = resetApp()
    await host.account()
    const token = await host.tokenFor()
    const answer = await host.browser().get(`/auth/password/reset?token=${token}`, { headers })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []])
  })

  test("the token is in no address but that of the link, and in no body", async () => {
    const host = resetApp()
    await host.account()
    const browser = host.browser()
    const token = await host.tokenFor()
    const answers = [
      await browser.get(`/auth/password/reset?token=${token}`),
      await browser.get("/auth/password/reset/check"),
      await browser.post("/auth/password/reset", { form: { password: "short" } }),
      await browser.post("/auth/password/reset", { form: { password: next } }),
    ]
    for (const answer of answers) {
      expect(answer.headers.get("location") ?? "").not.toContain(token)
      expect(await answer.text()).not.toContain(token)
      expect(answer.headers.get("cache-control")).toBe("no-store")
    }
  })
})

describe("what a reset does to the account", () => {
  test("every session ends, of every browser; none opens", async () => {
    const host = resetApp()
    const user = await host.account()
    const browsers = [host.browser(), host.browser()]
    for (const browser of browsers) await browser.post("/auth/login", { json: ada })
    const [first] = browsers
    const token = await host.tokenFor()
    // In a browser that is signed in, too.
    const answer = await first?.post("/auth/password/reset", { json: { password: next, token } })
    expect(answer?.status).toBe(200)
    for (const browser of browsers) {
      expect(await (await browser.get("/auth/session")).json()).toMatchObject({ user: null })
    }
    expect(await host.auth.sessions.list(user.id)).toEqual([])
    const ended = host.events.filter(({ type }) => type === "session.ended")
    expect(ended).toMatchObject([{ cause: "password_reset" }, { cause: "password_reset" }])
    expect(host.events.filter(({ type }) => type === "session.opened")).toHaveLength(2)
  })

  test("failures at the sign-in no longer count, so that who was locked out gets in", async () => {
    const host = resetApp()
    await host.account()
    for (let n = 0; n < 5; n++) await opens(host, "wrong")
    expect(await opens(host, ada.password)).toBe(false)
    await host.auth.flows.password.reset({ token: await host.tokenFor(), password: next })
    expect(await opens(host, next)).toBe(true)
  })

  test("a user without a password gets a first one", async () => {
    const host = resetApp()
    await host.account({ password: false })
    expect(await opens(host, next)).toBe(false)
    expect((await host.auth.flows.password.reset({ token: await host.tokenFor(), password: next })).ok).toBe(
      true,
    )
    expect(await opens(host, next)).toBe(true)
  })

  test("other factors and identities of a verified account stay as they are", async () => {
    const host = resetApp()
    const { id: userId } = await host.account()
    const facts = { userId, revision: 0, createdAt: 1, changedAt: 1 }
    for (const kind of ["totp", "passkey", "identity"] as const) {
      await host.stores.credentials.insert({ kind, handle: `${kind}-1`, secret: "s", ...facts })
    }
    const before = await host.stores.credentials.listByUser(userId)
    await host.auth.flows.password.reset({ token: await host.tokenFor(), password: next })
    const after = await host.stores.credentials.listByUser(userId)
    const others = (all: typeof before) => all.filter(({ kind }) => kind !== "password")
    expect(others(after)).toEqual(others(before))
    expect(others(after)).toHaveLength(3)
  })

  test("a disabled user gets no mail, and a link from before does nothing", async () => {
    const host = resetApp()
    const { id } = await host.account()
    const token = await host.tokenFor()
    await host.auth.users.disable(id)
    expect((await host.auth.flows.password.forgot({ email: ada.email })).ok).toBe(true)
    await settled()
    expect(host.mail.accountMails).toHaveLength(1)
    const outcome = await host.auth.flows.password.reset({ token, password: next })
    expect(outcome).toEqual({ ok: false, reason: "forbidden" })
    await host.auth.users.enable(id)
    // Disabling has ended it.
    expect(await host.auth.flows.password.reset({ token, password: next })).toMatchObject({
      reason: "link_expired",
    })
    expect(await opens(host, ada.password)).toBe(true)
  })

  test("the link is on the host's own origin, whatever the request says", async () => {
    const host = resetApp()
    await host.account()
    const headers = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      forwarded: "host=evil.example",
    }
    await host.browser().post("/auth/password/forgot", { json: { email: ada.email }, headers })
    const { url } = await host.mail.nextAccountMail("reset_password")
    expect(new URL(url).origin).toBe(origin)
    expect((await host.auth.flows.password.peekReset({ token: tokenIn(url) })).ok).toBe(true)
  })

  test("a host without the option has no such routes and steps", async () => {
    const { app } = await import("../app.js")
    const { auth, browser } = app()
    expect(Object.keys(auth.flows.password)).not.toContain("forgot")
    for (const path of ["/auth/password/forgot", "/auth/password/reset"]) {
      expect((await browser().post(path, { json: { email: ada.email, password: next } })).status).toBe(404)
    }
  })
})

describe("an account whose address nobody verified", () => {
  test("is its mailbox's: whatever let anybody in is gone, and it counts as verified", async () => {
    const host = resetApp({ password: { requireVerifiedEmail: true } })
    const { id: userId } = await host.account({ verified: false })
    const facts = { userId, revision: 0, createdAt: 1, changedAt: 1 }
    for (const kind of ["totp", "passkey", "identity"] as const) {
      await host.stores.credentials.insert({ kind, handle: `${kind}-1`, secret: "s", ...facts })
    }
    host.clock.advance(1000)
    const token = await host.tokenFor()
    expect((await host.auth.flows.password.reset({ token, password: next })).ok).toBe(true)
    const [only, ...more] = await host.stores.credentials.listByUser(userId)
    expect([only?.kind, more]).toEqual(["password", []])
    expect((await host.stores.users.find(userId))?.emailVerifiedAt).toBe(host.clock())
    expect([await opens(host, ada.password), await opens(host, next)]).toEqual([false, true])
    expect(host.events.map(({ type }) => type)).toContain("user.claimed")
  })

  test("cannot be kept from its owner by whoever squats there", async () => {
    const host = resetApp()
    const { id } = await host.account({ verified: false })
    const token = await host.tokenFor()
    await host.auth.sessions.endAll(id, "revoked", {})
    await host.auth.flows.password.set(id, "the squatter's other phrase")
    expect((await host.auth.flows.password.reset({ token, password: next })).ok).toBe(true)
    expect(await opens(host, next)).toBe(true)
  })

  test("its links end once somebody has verified it, by another link too", async () => {
    const host = resetApp()
    await host.account({ verified: false })
    const [one, other] = [await host.tokenFor(), await host.tokenFor()]
    await host.auth.flows.password.reset({ token: one, password: next })
    expect(await host.auth.flows.password.reset({ token: other, password: ada.password })).toMatchObject({
      reason: "link_expired",
    })
    expect(await opens(host, next)).toBe(true)
  })

  test("that has another address by now is not the mailbox's", async () => {
    const host = resetApp()
    const { id } = await host.account({ verified: false })
    const token = await host.tokenFor()
    await host.stores.users.update(id, { email: "eve@example.com", emailVerifiedAt: null })
    expect(await host.auth.flows.password.reset({ token, password: next })).toMatchObject({
      reason: "link_expired",
    })
    const { password } = host.auth.flows
    expect((await password.signIn({ email: "eve@example.com", password: ada.password })).ok).toBe(true)
  })
})
