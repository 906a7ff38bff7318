import { describe, expect, test } from "vitest"
import { secretRing } from "../../src/crypto/secret-ring.js"
import { codeOf } from "../../src/flows/magic-link/code.js"
import { ada } from "../app.js"
import { attemptIn, mailApp, pathIn, settled, tokenIn, userIn } from "./mail-app.js"

describe("somebody new", () => {
  test("comes in only if the host admits them; the host is told address, language and what it put in itself", async () => {
    const asked: unknown[] = []
    const host = mailApp({
      magicLink: {
        metadata: (body) => ({ plan: typeof body["plan"] === "string" ? body["plan"] : "none" }),
        admit: (candidate) => {
          asked.push(candidate)
          return candidate.metadata?.["plan"] === "pro"
        },
      },
    })
    const browser = host.browser()
    const refused = await host.mailTo(ada.email, browser, { locale: "de", plan: "free", role: "admin" })
    expect(refused.metadata).toEqual({ plan: "free" })
    const answer = await browser.get(pathIn(refused))
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain("kein Konto")
    expect(await host.stores.users.list({ limit: 10 })).toEqual([])
    const admitted = await host.mailTo(ada.email, browser, { locale: "de", plan: "pro" })
    expect((await browser.get(pathIn(admitted))).status).toBe(303)
    expect(asked).toEqual([
      { email: ada.email, locale: "de", metadata: { plan: "free" }, asked: true },
      { email: ada.email, locale: "de", metadata: { plan: "pro" }, asked: true },
    ])
  })

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a word", "yes"],
    ["one", 1],
  ])("is not admitted by %s", async (_, answered) => {
    const host = mailApp({ magicLink: { admit: () => answered as boolean } })
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    expect((await browser.get(pathIn(mail))).status).toBe(403)
    expect(await host.stores.users.list({ limit: 10 })).toEqual([])
  })

  test("whom the host knows is never asked about", async () => {
    const host = mailApp({ magicLink: { admit: () => false } })
    await host.stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 1 })
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    expect((await browser.get(pathIn(mail))).status).toBe(303)
  })

  test("the host's users table is given language and metadata", async () => {
    const host = mailApp({ magicLink: { metadata: () => ({ plan: "pro" }) } })
    const created: unknown[] = []
    const { users } = host.stores
    const watched = {
      ...host.stores,
      users: {
        ...users,
        create: (user: Parameters<typeof users.create>[0]) => {
          created.push(user)
          return users.create(user)
        },
      },
    }
    const again = mailApp({
      stores: watched,
      clock: host.clock,
      magicLink: { metadata: () => ({ plan: "pro" }) },
    })
    const browser = again.browser()
    await browser.get(pathIn(await again.mailTo(ada.email, browser, { locale: "de" })))
    const now = host.clock()
    expect(created).toEqual([
      { email: ada.email, emailVerifiedAt: now, createdAt: now, locale: "de", metadata: { plan: "pro" } },
    ])
  })

  test("more metadata than a link carries is refused, and so is a return path beyond bounds forgotten", async () => {
    const host = mailApp({ magicLink: { metadata: (body) => ({ note: String(body["note"]) }) } })
    const fields = { email: ada.email, note: "ä".repeat(600) }
    const refused = await host.browser().post("/auth/magic-link", { json: fields })
    expect(await refused.json()).toMatchObject({ reason: "invalid_request" })
    const browser = host.browser()
    const note = "x".repeat(1000)
    const mail = await host.mailTo(ada.email, browser, { note, return_to: `/${"y".repeat(1100)}` })
    expect(browser.cookieHeader().length).toBeLessThan(4096)
    expect((await browser.get(pathIn(mail))).headers.get("location")).toBe("/en/dashboard")
  })

  test("a link and a cookie hold the most that they may", async () => {
    const host = mailApp({ magicLink: { metadata: (body) => ({ note: String(body["note"]) }) } })
    const browser = host.browser()
    const longest = `${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(58)}.example`
    const fields = { note: "x".repeat(1012), return_to: `/${"y".repeat(1020)}`, locale: "de" }
    const mail = await host.mailTo(longest, browser, fields)
    expect((await browser.get(pathIn(mail))).headers.get("location")).toBe(fields.return_to)
  })
})

describe("an account that was disabled", () => {
  test("is not entered, and its owner is told on a page", async () => {
    const host = mailApp()
    const user = await host.stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 1 })
    await host.auth.users.disable(user?.id ?? "")
    const browser = host.browser()
    const answer = await browser.get(pathIn(await host.mailTo(ada.email, browser)))
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining("This account is closed."),
    ])
    expect(browser.cookies.has("__Host-session")).toBe(false)
  })

  test("between the mail and the click the link ends, also if it is enabled again", async () => {
    const host = mailApp()
    const user = await host.stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 1 })
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    await host.auth.users.disable(user?.id ?? "")
    await host.auth.users.enable(user?.id ?? "")
    expect((await browser.get(pathIn(mail))).status).toBe(410)
  })
})

describe("whatever ends the user's sessions ends a link that waits", () => {
  const moments: readonly (readonly [
    string,
    (host: ReturnType<typeof mailApp>, id: string) => Promise<unknown>,
  ])[] = [
    ["a new password", (host, id) => host.auth.flows.password.set(id, "another long passphrase")],
    ["signing out everywhere", (host, id) => host.auth.sessions.endAll(id, "revoked", {})],
    ["disabling", (host, id) => host.auth.users.disable(id)],
    ["removing the user", (host, id) => host.stores.users.delete(id)],
  ]
  test.each(moments)("%s", async (_, end) => {
    const host = mailApp()
    const user = await host.stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 1 })
    const id = user?.id ?? ""
    await host.auth.sessions.endAll(id, "revoked", {})
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const attempt = attemptIn(browser)
    await end(host, id)
    const byLink = await host.auth.flows.magicLink.confirm({ token: tokenIn(mail) })
    const byCode = await host.auth.flows.magicLink.confirmCode({ code: mail.code ?? "", attempt })
    expect([byLink.ok, byCode.ok]).toEqual([false, false])
    expect(host.events.some(({ type }) => type === "session.opened")).toBe(false)
  })
})

describe("an account that nobody ever verified", () => {
  async function squatted(): Promise<ReturnType<typeof mailApp>> {
    const host = mailApp()
    await host.auth.flows.password.register({ ...ada, password: "the password of eve" })
    return host
  }
  const eves = { email: ada.email, password: "the password of eve" }

  test("is not entered without the owner's word, and nothing is used up by asking", async () => {
    const host = await squatted()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const page = await browser.get(pathIn(mail))
    const html = await page.text()
    expect(page.status).toBe(200)
    expect(html).toContain("never confirmed it")
    expect(html).toContain('name="claim" value="yes"')
    const without = await browser.post("/auth/magic-link/confirm", { json: { token: tokenIn(mail) } })
    expect([without.status, await without.json()]).toEqual([
      409,
      expect.objectContaining({ reason: "link_claim_required" }),
    ])
    expect((await host.browser().post("/auth/login", { json: eves })).status).toBe(200)
  })

  test("with it everything from before is gone: password, sessions, sign-ins under way", async () => {
    const host = await squatted()
    const squatter = host.browser()
    expect((await squatter.post("/auth/login", { json: eves })).status).toBe(200)
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const form = { token: tokenIn(mail), claim: "yes" }
    const answer = await browser.post("/auth/magic-link/confirm", { form })
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/en/dashboard"])
    expect(await userIn(browser)).toBeDefined()
    expect(await userIn(squatter)).toBeUndefined()
    expect((await host.browser().post("/auth/login", { json: eves })).status).toBe(401)
    expect(await host.stores.users.findByEmail(ada.email)).toMatchObject({ emailVerifiedAt: host.clock() })
    expect(host.events.map(({ type }) => type)).toContain("user.claimed")
  })

  test("the code asks for the same word", async () => {
    const host = await squatted()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const first = await browser.post("/auth/magic-link/code", { form: { code: mail.code ?? "" } })
    expect(first.headers.get("location")).toBe("/en/login?error=link_claim_required")
    const second = await browser.post("/auth/magic-link/code", { json: { code: mail.code, claim: true } })
    expect(second.status).toBe(200)
  })

  test("another link that waits ends with the claim", async () => {
    const host = await squatted()
    const [first, second] = [
      await host.mailTo(ada.email, host.browser()),
      await host.mailTo(ada.email, host.browser()),
    ]
    const confirm = (mail: typeof first) =>
      host.auth.flows.magicLink.confirm({ token: tokenIn(mail), claim: true })
    expect((await confirm(first)).ok).toBe(true)
    expect(await confirm(second)).toMatchObject({ ok: false, reason: "link_expired" })
  })

  test("with no way in is the owner's at one click", async () => {
    const host = mailApp()
    await host.stores.users.create({ email: ada.email, emailVerifiedAt: null, createdAt: 1 })
    const browser = host.browser()
    expect((await browser.get(pathIn(await host.mailTo(ada.email, browser)))).status).toBe(303)
    expect(await host.stores.users.findByEmail(ada.email)).toMatchObject({ emailVerifiedAt: host.clock() })
  })

  test("is nobody's to claim by a word alone", async () => {
    const host = await squatted()
    for (const claim of ["no", "", "on", 1, {}, null]) {
      const mail = await host.mailTo(ada.email, host.browser())
      const json = { token: tokenIn(mail), claim }
      expect((await host.browser().post("/auth/magic-link/confirm", { json })).status).toBe(409)
      host.clock.advance(3_600_000)
    }
    await settled()
  })
})

test("whom the host disables as soon as it hears of them does not get in", async () => {
  const host = mailApp({
    on: async (event) => {
      if (event.type === "user.registered") await host.auth.users.disable(event.userId)
    },
  })
  const browser = host.browser()
  const answer = await browser.get(pathIn(await host.mailTo(ada.email, browser)))
  expect(answer.status).toBe(403)
  expect(await userIn(browser)).toBeUndefined()
})

test("a link in a language that the host has given up works, in the default one", async () => {
  const before = mailApp()
  const browser = before.browser()
  const mail = await before.mailTo(ada.email, browser, { locale: "de" })
  const { clock, stores } = before
  const after = mailApp({ clock, stores, magicLink: { locales: ["en"] } })
  const elsewhere = after.browser()
  const page = await elsewhere.get(pathIn(mail))
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('lang="en"')])
  const posted = await elsewhere.post("/auth/magic-link/confirm", { form: { token: tokenIn(mail) } })
  expect([posted.status, posted.headers.get("location")]).toEqual([303, "/en/dashboard"])
  const locale = "fr" as "en"
  const asked = await after.auth.flows.magicLink.start({ email: ada.email, locale })
  expect(asked).toEqual({ ok: false, reason: "invalid_request" })
})

test("whoever asks for somebody else's link does not say where its owner goes, and the host is told", async () => {
  const asked: boolean[] = []
  const host = mailApp({
    magicLink: {
      admit: (candidate) => {
        asked.push(candidate.asked)
        return true
      },
    },
  })
  const mail = await host.mailTo(ada.email, host.browser(), { return_to: "/oauth/authorize?client_id=eve" })
  const owner = host.browser()
  const posted = await owner.post("/auth/magic-link/confirm", { form: { token: tokenIn(mail) } })
  expect([posted.status, posted.headers.get("location"), asked]).toEqual([303, "/en/dashboard", [false]])
})

describe("whoever squats on an account that nobody verified", () => {
  const eves = { email: ada.email, password: "the password of eve" }

  test("does not keep its owner out by signing out all others again and again", async () => {
    const host = mailApp()
    await host.auth.flows.password.register(eves)
    const squatter = host.browser()
    await squatter.post("/auth/login", { json: eves })
    const mail = await host.mailTo(ada.email, host.browser())
    expect((await squatter.post("/auth/sessions/end", { json: { session: "others" } })).status).toBe(200)
    const form = { token: tokenIn(mail), claim: "yes" }
    expect((await host.browser().post("/auth/magic-link/confirm", { form })).status).toBe(303)
    expect(await userIn(squatter)).toBeUndefined()
  })

  test("does not get it verified under another address", async () => {
    const host = mailApp()
    await host.auth.flows.password.register(eves)
    const { credentials, users } = host.stores
    const moving = {
      ...host.stores,
      credentials: {
        ...credentials,
        async deleteByUser(id: string) {
          await users.update(id, { email: "eve@example.com" })
          return credentials.deleteByUser(id)
        },
      },
    }
    const again = mailApp({ clock: host.clock, stores: moving })
    const mail = await again.mailTo(ada.email, again.browser())
    const outcome = await again.auth.flows.magicLink.confirm({ token: tokenIn(mail), claim: true })
    expect(outcome).toMatchObject({ ok: true, user: { email: ada.email } })
    expect(await users.findByEmail("eve@example.com")).toBeUndefined()
  })
})

test("a newcomer's link outlives a new secret", async () => {
  const old = "an-old-secret-of-32-characters-0123456789"
  const before = mailApp({ secret: old })
  const mail = await before.mailTo(ada.email, before.browser())
  const { clock, stores } = before
  const rotated = mailApp({ clock, stores, secret: ["a-fresh-secret-of-32-characters-98765432", old] })
  expect((await rotated.auth.flows.magicLink.confirm({ token: tokenIn(mail) })).ok).toBe(true)
})

test("of two secrets, the code of the one that signed the attempt counts, and no other", async () => {
  const [old, fresh] = [
    "an-old-secret-of-32-characters-0123456789",
    "a-fresh-secret-of-32-characters-98765432",
  ]
  const before = mailApp({ secret: old })
  const browser = before.browser()
  const mail = await before.mailTo(ada.email, browser)
  const attempt = attemptIn(browser)
  const [payload = ""] = attempt.split(".")
  const { id } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")))
  const { clock, stores } = before
  const rotated = mailApp({ clock, stores, secret: [fresh, old] })
  const other = codeOf(secretRing(fresh), id, 8)
  expect(await rotated.auth.flows.magicLink.confirmCode({ code: other, attempt })).toMatchObject({
    ok: false,
  })
  expect((await rotated.auth.flows.magicLink.confirmCode({ code: mail.code ?? "", attempt })).ok).toBe(true)
})

test("a browser that was marked long ago is not the one that asks now", async () => {
  const host = mailApp()
  const planted = host.browser()
  await host.mailTo("eve@example.com", planted)
  const cookie = planted.cookies.get("__Host-magic-link") ?? ""
  host.clock.advance(600_000)
  const victim = host.browser()
  victim.cookies.set("__Host-magic-link", cookie)
  await host.mailTo(ada.email, victim)
  expect(victim.cookies.get("__Host-magic-link")?.split(".").slice(0, 3)).not.toEqual(
    cookie.split(".").slice(0, 3),
  )
  const eve = host.browser()
  eve.cookies.set("__Host-magic-link", cookie)
  const mail = await host.mailTo("eve@example.com", eve)
  expect((await victim.get(pathIn(mail))).status).toBe(200)
})
