/** What happens between the mail and the click, or between two steps of a click, and must not be passed over. */
import { describe, expect, test } from "vitest"
import { ada } from "../app.js"
import { attemptIn, type MailHost, mailApp, tokenIn } from "./mail-app.js"

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
    const attempt = attemptIn(browser)
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
