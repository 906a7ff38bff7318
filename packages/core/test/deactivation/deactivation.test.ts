import { describe, expect, test } from "vitest"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import { ada } from "../app.js"
import {
  type EmailHost,
  emailApp,
  mailOf,
  sessionIn,
  settled,
  signIn,
  tokenIn,
  typesOf,
  userIn,
  withAda,
} from "../email/email-app.js"

const month = 30 * 86_400_000

async function scene() {
  const host = emailApp()
  const user = await withAda(host)
  return { host, user, browser: await signIn(host), other: await signIn(host) }
}

/** An account that its user has deactivated, and the link that takes it back. */
async function deactivated() {
  const { browser, host, other, user } = await scene()
  expect((await browser.post("/auth/account/deactivate", { json: {} })).status).toBe(200)
  return { host, user, browser, other, token: tokenIn(await mailOf(host, "reactivate_account")) }
}

const disabledAt = async ({ stores }: EmailHost, id: string) => (await stores.users.find(id))?.disabledAt

describe("deactivating", () => {
  test.each(["form", "json"] as const)(
    "by %s: nobody is signed in, nobody gets in, a mail leads back",
    async (kind) => {
      const { browser, host, other, user } = await scene()
      const ticket = await host.auth.sessions.begin(user.id)
      const answer = await browser.post("/auth/account/deactivate", { [kind]: {} })
      expect([answer.status, answer.headers.get("location")]).toEqual(
        kind === "form" ? [303, "/?notice=account_deactivated"] : [200, null],
      )
      expect(browser.cookies.has("__Host-session")).toBe(false)
      expect([await userIn(host, other), await host.auth.sessions.list(user.id)]).toEqual([undefined, []])
      expect((await host.auth.sessions.open(ticket, user, ["pwd"], {})).ok).toBe(false)
      expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
      expect(await disabledAt(host, user.id)).toBe(host.clock())
      const mail = await mailOf(host, "reactivate_account")
      expect(mail).toMatchObject({ to: ada.email, expiresAt: host.clock() + month })
      expect(mail.url).toContain("https://app.example.com/auth/account/reactivate?token=")
      expect(host.events).toContainEqual(
        expect.objectContaining({ type: "session.ended", cause: "deactivated", userId: user.id }),
      )
      expect(typesOf(host.events)).toContain("user.deactivated")
    },
  )

  test("needs a session, and a fresh one", async () => {
    const { browser, host, user } = await scene()
    expect((await host.browser().post("/auth/account/deactivate", { json: {} })).status).toBe(401)
    host.clock.advance(600_001)
    const answer = await browser.post("/auth/account/deactivate", { json: {} })
    expect([answer.status, (await answer.json()).reason]).toEqual([401, "reauthentication_required"])
    const form = await browser.post("/auth/account/deactivate", { form: {} })
    expect(form.headers.get("location")).toBe("/account?error=reauthentication_required")
    expect(await disabledAt(host, user.id)).toBeNull()
  })

  test("another site cannot ask for it", async () => {
    const { browser, host, user } = await scene()
    const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" }
    expect((await browser.post("/auth/account/deactivate", { form: {}, headers })).status).toBe(403)
    expect(await disabledAt(host, user.id)).toBeNull()
  })

  test.each(["before", "after"] as const)(
    "breaks off at any store call, %s it took effect: if it happened, nobody is signed in",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const { browser, host, other, user } = await scene()
        const fails = ({ number }: StoreCall): boolean => number === n
        const { calls, watched } = failingStores(host.stores, fails, { moment })
        const broken = emailApp({ stores: watched, clock: host.clock })
        const there = broken.browser()
        for (const [name, value] of browser.cookies) there.cookies.set(name, value)
        const answer = await there.post("/auth/account/deactivate", { json: {} })
        const call = calls[n - 1]
        if (!call) break
        failed++
        expect([call, answer.status]).toEqual([call, 503])
        const cannotEnd = call.slot === "sessions" && call.method === "deleteByUser" && moment === "before"
        const alive = (await userIn(host, other)) !== undefined
        if (!cannotEnd)
          expect([call, (await disabledAt(host, user.id)) !== null && alive]).toEqual([call, false])
      }
      expect(failed).toBeGreaterThan(2)
    },
  )
})

describe("the way back", () => {
  test("is a page that asks, and uses nothing up", async () => {
    const { host, token, user } = await deactivated()
    for (let n = 0; n < 3; n++) {
      const shown = await host.browser().get(`/auth/account/reactivate?token=${token}`)
      expect(shown.status).toBe(200)
      const html = await shown.text()
      expect(html).toContain(`<strong>${ada.email}</strong>`)
      expect(html).toContain('action="/auth/account/reactivate"')
    }
    expect(await disabledAt(host, user.id)).not.toBeNull()
  })

  test.each(["form", "json"] as const)(
    "by %s: the account is active, nobody is signed in, its user is told",
    async (kind) => {
      const { browser, host, token, user } = await deactivated()
      host.clock.advance(month - 1)
      const answer = await browser.post("/auth/account/reactivate", { [kind]: { token } })
      expect([answer.status, answer.headers.get("location")]).toEqual(
        kind === "form" ? [303, "/sign-in?notice=account_reactivated"] : [200, null],
      )
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await disabledAt(host, user.id)).toBeNull()
      await settled()
      expect(host.mails).toEqual([
        expect.objectContaining({ kind: "notice", notice: "account_reactivated", to: ada.email }),
      ])
      expect(host.events.at(-1)).toMatchObject({ type: "user.reactivated", userId: user.id })
      expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
      expect(await userIn(host, browser)).toBeUndefined()
    },
  )

  test("16 at once over two instances: one success, one event, one mail", async () => {
    const { host, token } = await deactivated()
    const twin = emailApp({ stores: host.stores, clock: host.clock })
    const outcomes = await race(16, [
      () => host.auth.flows.deactivation.reactivate({ token }),
      () => twin.auth.flows.deactivation.reactivate({ token }),
    ])
    await settled()
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter((one) => !one.ok && one.reason === "link_used")).toHaveLength(15)
    expect([...host.events, ...twin.events].filter(({ type }) => type === "user.reactivated")).toHaveLength(1)
    expect([...host.mails, ...twin.mails]).toHaveLength(1)
  })

  /** What may have happened since. */
  const since: Readonly<
    Record<
      string,
      readonly [reason: string, (host: EmailHost, id: string, token: string) => Promise<unknown>]
    >
  > = {
    "an administrator has disabled it": [
      "link_expired",
      async ({ auth, clock }, id) => {
        clock.advance(1)
        await auth.users.disable(id)
      },
    ],
    "an administrator has enabled it": ["link_expired", ({ auth }, id) => auth.users.enable(id)],
    "an administrator has enabled, then disabled it": [
      "link_expired",
      async ({ auth, clock }, id) => {
        await auth.users.enable(id)
        clock.advance(1)
        await auth.users.disable(id)
      },
    ],
    "it was used, and the account deactivated once more": [
      "link_used",
      async (host, _, token) => {
        await host.auth.flows.deactivation.reactivate({ token })
        host.clock.advance(1)
        await (await signIn(host)).post("/auth/account/deactivate", { json: {} })
      },
    ],
    "it is a month old": ["link_expired", async ({ clock }) => clock.advance(month)],
    "the account is gone": ["link_expired", ({ stores }, id) => stores.users.delete(id)],
  }

  test.each(Object.keys(since))("%s: refused, and nothing changes", async (name) => {
    const [reason, happens] = since[name] ?? []
    const { host, token, user } = await deactivated()
    await happens?.(host, user.id, token)
    const before = await host.stores.users.find(user.id)
    expect(await host.auth.flows.deactivation.reactivate({ token })).toEqual({ ok: false, reason })
    expect(await host.stores.users.find(user.id)).toEqual(before)
    expect(host.events.at(-1)).toMatchObject({ type: "user.reactivation_refused" })
    const page = await host.browser().get(`/auth/account/reactivate?token=${token}`)
    expect(page.status).toBe(410)
    expect(await page.text()).not.toContain("<form")
  })

  test("a link that was changed, or is another's, is none", async () => {
    const { host, token } = await deactivated()
    for (const one of ["", "x", `${token}x`, token.slice(1), `${token}.${token}`]) {
      expect(await host.auth.flows.deactivation.reactivate({ token: one })).toMatchObject({
        reason: "link_invalid",
      })
    }
    const { clock, stores } = host
    for (const elsewhere of [
      emailApp({ stores, clock, realm: "admin" }),
      emailApp({ stores, clock, origin: "https://b.example.com" }),
    ])
      expect(await elsewhere.auth.flows.deactivation.reactivate({ token })).toMatchObject({
        reason: "link_invalid",
      })
    const page = await host
      .browser()
      .get("/auth/account/reactivate?token=x", { headers: { "accept-language": "de" } })
    expect([page.status, (await page.text()).includes("Dieser Link gilt nicht")]).toEqual([400, true])
  })

  test("another site cannot post it", async () => {
    const { host, token, user } = await deactivated()
    const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" }
    expect((await host.browser().post("/auth/account/reactivate", { form: { token }, headers })).status).toBe(
      403,
    )
    expect(await disabledAt(host, user.id)).not.toBeNull()
  })

  test.each(["before", "after"] as const)(
    "breaks off at any store call, %s it took effect: 503, and no session",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const { host, token, user } = await deactivated()
        const { calls, watched } = failingStores(host.stores, ({ number }) => number === n, { moment })
        const broken = emailApp({ stores: watched, clock: host.clock })
        const answer = await broken.browser().post("/auth/account/reactivate", { json: { token } })
        const call = calls[n - 1]
        if (!call) break
        failed++
        expect([call, answer.status, answer.headers.getSetCookie()]).toEqual([call, 503, []])
        expect(await host.auth.sessions.list(user.id)).toEqual([])
      }
      expect(failed).toBeGreaterThan(3)
    },
  )
})

test("the page may be the host's own, and leads where the host says", async () => {
  const pages = { signIn: "/de/login", account: "/de/account", deactivated: "/de/bye" }
  const host = emailApp({ deactivation: { pages, page: ({ kind }) => `own ${kind}` } })
  await withAda(host)
  const browser = await signIn(host)
  const left = await browser.post("/auth/account/deactivate", { form: {} })
  expect(left.headers.get("location")).toBe("/de/bye?notice=account_deactivated")
  const token = tokenIn(await mailOf(host, "reactivate_account"))
  expect(await (await browser.get(`/auth/account/reactivate?token=${token}`)).text()).toBe("own reactivate")
  const back = await browser.post("/auth/account/reactivate", { form: { token } })
  expect(back.headers.get("location")).toBe("/de/login?notice=account_reactivated")
  expect(sessionIn(browser)).toBe("")
})
