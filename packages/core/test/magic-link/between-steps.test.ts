/** What happens between the mail and the click, or between two steps of a click, and must not be passed over. */
import { describe, expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { ada } from "../app.js"
import { type MailHost, mailApp, tokenIn } from "./mail-app.js"

describe("somebody new", () => {
  test("whom a listener disables as soon as they are registered gets no session", async () => {
    const host: MailHost = mailApp({
      async on(event) {
        if (event.type === "user.registered") await host.auth.users.disable(event.userId)
      },
    })
    const mail = await host.mailTo(ada.email, host.browser())
    const outcome = await host.auth.flows.magicLink.confirm({ token: tokenIn(mail) })
    const user = await host.stores.users.findByEmail(ada.email)
    expect(outcome).toEqual({ ok: false, reason: "forbidden" })
    await host.auth.users.enable(user?.id ?? "")
    expect(await host.auth.sessions.list(user?.id ?? "")).toEqual([])
  })
})

describe("an account that is gone", () => {
  test("does not come back by a link or a code that was asked for while it was there", async () => {
    const host = mailApp()
    const user = await host.stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 1 })
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    await host.stores.users.delete(user?.id ?? "")
    const attempt = (browser.cookies.get("__Host-magic-link") ?? "").slice(44)
    const { confirm, confirmCode, peek } = host.auth.flows.magicLink
    const refused = { ok: false, reason: "link_expired" }
    expect(await peek({ token: tokenIn(mail) })).toEqual(refused)
    expect(await confirm({ token: tokenIn(mail) })).toEqual(refused)
    expect(await confirmCode({ code: mail.code ?? "", attempt })).toEqual(refused)
    expect(await host.stores.users.list({ limit: 9 })).toEqual([])
  })

  test("nor is its link good for whoever has the address then", async () => {
    const host = mailApp()
    const first = await host.stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 1 })
    const mail = await host.mailTo(ada.email, host.browser())
    await host.stores.users.delete(first?.id ?? "")
    await host.stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 2 })
    expect(await host.auth.flows.magicLink.confirm({ token: tokenIn(mail) })).toEqual({
      ok: false,
      reason: "link_expired",
    })
  })
})

describe("servers and stores whose clocks differ by half a minute", () => {
  const start = Date.UTC(2026, 10, 21)
  /** A store that is ahead forgets before the host does. */
  function behind(): MailHost & { readonly stores: ReturnType<typeof memoryStores> } {
    const clock = adjustableClock(start)
    const stores = memoryStores({ clock: () => clock() + 30_000 })
    return { ...mailApp({ clock, stores }), stores }
  }

  test("a link is used once, to its last millisecond", async () => {
    const host = behind()
    const mail = await host.mailTo(ada.email, host.browser())
    const confirm = () => host.auth.flows.magicLink.confirm({ token: tokenIn(mail) })
    expect((await confirm()).ok).toBe(true)
    host.clock.set(mail.expiresAt - 1)
    expect(await confirm()).toEqual({ ok: false, reason: "link_used" })
  })

  test("a code has five tries, to its last millisecond", async () => {
    const host = behind()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const attempt = (browser.cookies.get("__Host-magic-link") ?? "").slice(44)
    const wrong = () => host.auth.flows.magicLink.confirmCode({ code: "wrong", attempt })
    for (let n = 0; n < 5; n++) expect(await wrong()).toMatchObject({ reason: "code_invalid" })
    host.clock.set(mail.expiresAt - 1)
    expect(await wrong()).toMatchObject({ reason: "code_exhausted" })
  })
})

describe("tries of one mail that has none left", () => {
  test("do not use up those of the next", async () => {
    const host = mailApp({ magicLink: { limits: { codes: { limit: 7, window: "1h" } } } })
    const attacker = host.browser()
    await host.mailTo(ada.email, attacker)
    for (let n = 0; n < 20; n++) await attacker.post("/auth/magic-link/code", { json: { code: "wrong" } })
    const browser = host.browser()
    const { code } = await host.mailTo(ada.email, browser)
    expect((await browser.post("/auth/magic-link/code", { json: { code } })).status).toBe(200)
  })
})
