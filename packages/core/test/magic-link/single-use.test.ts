import { describe, expect, test } from "vitest"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { type MailHost, mailApp, pathIn, settled, type TestMail, tokenIn, userIn } from "./mail-app.js"

/** Each way to use what was mailed, in a browser that holds what the one that asked holds. */
const ways: Readonly<Record<string, (browser: TestClient, mail: TestMail) => Promise<Response>>> = {
  click: (browser, mail) => browser.get(pathIn(mail)),
  button: (browser, mail) =>
    browser.post("/auth/magic-link/confirm", { form: { token: tokenIn(mail), claim: "yes" } }),
  script: (browser, mail) =>
    browser.post("/auth/magic-link/confirm", { json: { token: tokenIn(mail), claim: true } }),
  code: (browser, mail) => browser.post("/auth/magic-link/code", { json: { code: mail.code, claim: true } }),
}

/** Sixteen uses of one mail: of one way, or of all in turn. A code has five tries, so it comes every fourth time. */
const rows: readonly (readonly [string, readonly string[]])[] = [
  ["clicks", ["click"]],
  ["buttons", ["button"]],
  ["scripts", ["script"]],
  ["of each", ["click", "button", "script", "code"]],
]

/** Who has the address. A click goes no further than the page where the owner must agree, so it is not in the last row. */
const holders: Readonly<Record<string, (host: MailHost) => Promise<unknown>>> = {
  "somebody new": async () => undefined,
  "a verified user": ({ stores }) =>
    stores.users.create({ email: ada.email, emailVerifiedAt: 1, createdAt: 1 }),
  "an account that nobody verified, with a password": ({ auth }) => auth.flows.password.register(ada),
}

describe.each(Object.keys(holders))("%s", (holder) => {
  const possible = rows.filter(([name]) => !/password/.test(holder) || !/click|each/.test(name))

  test.each(possible)(
    "sixteen at once over two instances, %s: one session, one success, fifteen refusals",
    async (_, names) => {
      const host = mailApp()
      await holders[holder]?.(host)
      const twin = mailApp({ clock: host.clock, stores: host.stores })
      const asking = host.browser()
      const mail = await host.mailTo(ada.email, asking)
      const browsers = Array.from({ length: 16 }, (_, n) => {
        const browser = (n % 2 ? twin : host).browser()
        for (const [name, value] of asking.cookies) browser.cookies.set(name, value)
        return browser
      })
      const before = host.events.length
      const answers = await race(16, [
        async (n) => {
          const way = ways[names[Math.floor(n / 2) % names.length] ?? ""]
          const browser = browsers[n]
          if (!way || !browser) throw new Error("no way")
          return way(browser, mail)
        },
      ])
      const signedIn = await Promise.all(browsers.map((browser) => userIn(browser)))
      expect(signedIn.filter(Boolean)).toHaveLength(1)
      const sessions = answers.filter((answer) =>
        answer.headers.getSetCookie().some((cookie) => cookie.startsWith("__Host-session=")),
      )
      expect(sessions).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 410)).toHaveLength(15)
      const [user, ...more] = await host.stores.users.list({ limit: 9 })
      expect(more).toEqual([])
      expect(await host.auth.sessions.list(user?.id ?? "")).toHaveLength(1)
      const types = [...host.events.slice(before), ...twin.events].map(({ type }) => type)
      expect(types.filter((type) => type === "sign_in.succeeded")).toHaveLength(1)
      expect(types.filter((type) => type === "session.opened")).toHaveLength(1)
      expect(types.filter((type) => type === "user.claimed")).toHaveLength(/nobody/.test(holder) ? 1 : 0)
      expect(types.filter((type) => type === "user.registered").length).toBeLessThanOrEqual(1)
    },
  )
})

test("sixteen at once, of an account that nobody verified and without the owner's word: nobody, and nothing is used up", async () => {
  const host = mailApp()
  await host.auth.flows.password.register(ada)
  const mail = await host.mailTo(ada.email, host.browser())
  const { confirm, peek } = host.auth.flows.magicLink
  const outcomes = await race(16, [() => confirm({ token: tokenIn(mail) })])
  expect(new Set(outcomes.map((one) => (one.ok ? "ok" : one.reason)))).toEqual(
    new Set(["link_claim_required"]),
  )
  expect(await peek({ token: tokenIn(mail) })).toMatchObject({ ok: true, claimRequired: true })
})

test("what was used stays used: by each other way, on the other instance, after a new secret was put in front", async () => {
  const old = "an-old-secret-of-32-characters-0123456789"
  const host = mailApp({ secret: old })
  for (const first of Object.keys(ways)) {
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const held = new Map(browser.cookies)
    const used = await ways[first]?.(browser, mail)
    expect([first, used?.status]).toEqual([
      first,
      expect.toSatisfy((status) => status === 200 || status === 303),
    ])
    const secret = ["a-fresh-secret-of-32-characters-98765432", old] as const
    for (const [name, again] of Object.entries(ways)) {
      const later = mailApp({ clock: host.clock, stores: host.stores, secret }).browser()
      for (const [cookie, value] of held) later.cookies.set(cookie, value)
      expect([first, name, (await again(later, mail)).status]).toEqual([first, name, 410])
      expect(await userIn(later)).toBeUndefined()
    }
    host.clock.advance(3_600_000)
  }
})

test("looking at a link, by whatever means and however often, uses nothing up", async () => {
  const host = mailApp()
  const browser = host.browser()
  const mail = await host.mailTo(ada.email, browser)
  const preview = { "user-agent": "Slackbot-LinkExpanding 1.0", accept: "*/*" }
  await race(16, [
    () => host.browser().get(pathIn(mail), { headers: preview }),
    () => host.browser().send("HEAD", pathIn(mail)),
    () => browser.send("HEAD", pathIn(mail)),
    () => browser.get(pathIn(mail), { headers: { "sec-purpose": "prefetch" } }),
  ])
  await settled()
  expect(await host.stores.users.list({ limit: 9 })).toEqual([])
  expect((await browser.get(pathIn(mail))).status).toBe(303)
})
