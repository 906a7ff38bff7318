import { describe, expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { failingStores, recordingStores, type StoreCall } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, eve } from "../app.js"
import { withTurns } from "../turns.js"
import {
  changed,
  changeLink,
  type EmailHost,
  emailApp,
  mailOf,
  newEmail,
  pathIn,
  sessionIn,
  settled,
  signIn,
  typesOf,
  userIn,
  withAda,
} from "./email-app.js"

const twelveMinutes = 720_000

async function scene(options: Parameters<typeof emailApp>[0] = {}) {
  const host = emailApp(options)
  const user = await withAda(host)
  return { host, user, browser: await signIn(host) }
}

const emailOf = async ({ stores }: EmailHost, id: string) => (await stores.users.find(id))?.email

describe("asking for a change", () => {
  test.each(["form", "json"] as const)(
    "by %s: a mail to the new address, and nothing changes",
    async (kind) => {
      const { browser, host, user } = await scene()
      const answer = await browser.post("/auth/email/change", { [kind]: { email: " ADA@new.Example " } })
      expect([answer.status, answer.headers.get("location")]).toEqual(
        kind === "form" ? [303, "/account?notice=email_confirmation_sent"] : [202, null],
      )
      const mail = await mailOf(host, "confirm_email")
      expect(mail).toMatchObject({ to: newEmail, expiresAt: host.clock() + 86_400_000 })
      expect(mail.url).toContain("https://app.example.com/auth/email/confirm?token=")
      expect(host.mails).toEqual([])
      expect(await host.stores.users.find(user.id)).toEqual(
        user.id && (await host.stores.users.findByEmail(ada.email)),
      )
      expect(host.events.at(-1)).toEqual(
        expect.objectContaining({ type: "email.change_requested", userId: user.id }),
      )
      expect(JSON.stringify(host.events)).not.toContain("new.example")
    },
  )

  test.each([
    "no address",
    "ada@new.example, eve@example.com",
    "ada@new.example\r\nBcc: x@example.com",
    "",
    "ada@localhost",
  ])("refuses %j", async (email) => {
    const { browser, host } = await scene()
    const answer = await browser.post("/auth/email/change", { json: { email } })
    expect([answer.status, (await answer.json()).reason]).toEqual([422, "invalid_email"])
    await settled()
    expect(host.mails).toEqual([])
  })

  test("refuses the address that it has, in any spelling", async () => {
    const { browser } = await scene()
    const answer = await browser.post("/auth/email/change", { json: { email: "ADA@example.com" } })
    expect([answer.status, (await answer.json()).reason]).toEqual([422, "email_unchanged"])
  })

  test("needs a session, a fresh one, and the second factor of whoever has one", async () => {
    const { browser, host } = await scene()
    const { requestChange } = host.auth.flows.email
    expect(await requestChange({ email: newEmail }, {})).toMatchObject({ reason: "not_signed_in" })
    host.clock.advance(600_001)
    expect(await requestChange({ email: newEmail }, { token: sessionIn(browser) })).toMatchObject({
      reason: "reauthentication_required",
    })
    const form = await browser.post("/auth/email/change", { form: { email: newEmail } })
    expect(form.headers.get("location")).toBe("/account?error=reauthentication_required")
    await settled()
    expect(host.mails).toEqual([])
  })

  /** Who has the new address: the answer, its bytes and what is read and counted must not tell. */
  const holders: Readonly<Record<string, (host: EmailHost) => Promise<unknown>>> = {
    nobody: async () => undefined,
    "somebody, proven": ({ stores }) =>
      stores.users.create({ email: newEmail, emailVerifiedAt: 1, createdAt: 1 }),
    "somebody, never proven": ({ stores }) =>
      stores.users.create({ email: newEmail, emailVerifiedAt: null, createdAt: 1 }),
    "somebody disabled": async ({ auth, stores }) => {
      const user = await stores.users.create({ email: newEmail, emailVerifiedAt: 1, createdAt: 1 })
      await auth.users.disable(user?.id ?? "")
    },
  }

  test.each(Object.keys(holders))(
    "%s has it: the same bytes, the same store calls, the same events",
    async (name) => {
      const told = async (holder: string, form: boolean) => {
        const { browser, host } = await scene()
        await holders[holder]?.(host)
        const { calls, watched } = recordingStores(host.stores)
        const watching = emailApp({ stores: watched, clock: host.clock })
        const there = watching.browser()
        for (const [cookie, value] of browser.cookies) there.cookies.set(cookie, value)
        const answer = await there.post(
          "/auth/email/change",
          form ? { form: { email: newEmail } } : { json: { email: newEmail } },
        )
        const bytes = `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`
        await settled()
        return {
          bytes,
          events: typesOf(watching.events),
          calls: calls.map(({ method, slot }) => `${slot}.${method}`),
          mails: watching.mails.length,
        }
      }
      for (const form of [false, true]) {
        const [reference, answer] = [await told("nobody", form), await told(name, form)]
        expect(answer).toEqual({ ...reference, mails: name === "nobody" ? 1 : 0 })
      }
    },
  )

  test.each([
    ["user", (n: number) => `u${n}@example.com`, 1],
    ["network", (n: number) => `u${n}@example.com`, 1],
    ["address", () => newEmail, 8],
  ] as const)(
    "limit 10 of %s: of 200 at once over two instances ten go on",
    async (name, emailFor, accounts) => {
      const many = { limit: 1000, window: "1d" } as const
      const limits = { user: many, network: many, address: many, [name]: { limit: 10, window: "1d" } }
      const { browser, host } = await scene({ email: { limits } })
      const twin = emailApp({ email: { limits }, stores: host.stores, clock: host.clock })
      const tokens = [sessionIn(browser)]
      for (let n = 1; n < accounts; n++) {
        const account = { ...eve, email: `eve${n}@example.com` }
        await host.auth.flows.password.register(account)
        tokens.push(sessionIn(await signIn(host, account)))
      }
      await settled()
      host.mails.length = 0
      const ask = (one: EmailHost) => (n: number) =>
        one.auth.flows.email.requestChange(
          { email: emailFor(n) },
          {
            token: tokens[n % tokens.length],
            address: name === "network" ? "203.0.113.5" : `198.51.100.${n}`,
          },
        )
      const fresh = name === "address" ? 10 : name === "user" ? 9 : 10
      const outcomes = await race(200, [ask(host), ask(twin)])
      await settled()
      const allowed = outcomes.filter(({ ok }) => ok)
      expect(allowed.length).toBe(fresh)
      expect([...host.mails, ...twin.mails]).toHaveLength(fresh)
      expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ reason: "rate_limited" })
    },
  )
})

describe("the page behind the link", () => {
  test("asks, in the browser that is signed in to the account; elsewhere it asks to sign in, and names nobody", async () => {
    const { browser, host, user } = await scene()
    const token = await changeLink(host, browser)
    const path = `/auth/email/confirm?token=${token}`
    const own = await browser.get(path)
    expect(own.status).toBe(200)
    const html = await own.text()
    expect(html).toContain(`<strong>${newEmail}</strong>`)
    expect(html).toContain('action="/auth/email/confirm"')
    await host.auth.flows.password.register(eve)
    for (const stranger of [host.browser(), await signIn(host, eve)]) {
      const shown = await stranger.get(path)
      expect(shown.status).toBe(401)
      const text = await shown.text()
      expect(text).not.toContain("<form")
      expect(text).not.toContain(ada.email)
      expect(text).not.toContain(newEmail)
      const [, href = ""] = /href="([^"]*)"/.exec(text) ?? []
      expect(new URLSearchParams(href.split("?")[1]).get("return_to")).toBe(path)
    }
    expect(await emailOf(host, user.id)).toBe(ada.email)
    expect(
      (await host.auth.flows.email.peek("confirm-email", { token }, { token: sessionIn(browser) })).ok,
    ).toBe(true)
  })
})

describe("confirming", () => {
  test.each(["form", "json"] as const)(
    "by %s: the address counts and is proven, other sessions end, this one gets a new token, the old address is told",
    async (kind) => {
      const { browser, host, user } = await scene()
      const other = await signIn(host)
      const before = sessionIn(browser)
      const token = await changeLink(host, browser)
      const answer = await browser.post("/auth/email/confirm", { [kind]: { token } })
      expect([answer.status, answer.headers.get("location")]).toEqual(
        kind === "form" ? [303, "/account?notice=email_changed"] : [200, null],
      )
      expect(await host.stores.users.find(user.id)).toMatchObject({
        email: newEmail,
        emailVerifiedAt: host.clock(),
      })
      expect([await userIn(host, browser), await userIn(host, other)]).toEqual([user.id, undefined])
      expect(sessionIn(browser)).not.toBe(before)
      expect(await host.auth.sessions.read(before)).toBeUndefined()
      const mail = await mailOf(host, "email_changed")
      expect(mail).toMatchObject({ to: ada.email, expiresAt: host.clock() + 7 * 86_400_000 })
      expect(pathIn(mail)).toMatch(/^\/auth\/email\/undo\?token=/)
      expect(host.mails).toEqual([])
      expect(host.events).toContainEqual(
        expect.objectContaining({ type: "session.ended", cause: "email_changed", userId: user.id }),
      )
      expect(typesOf(host.events)).toContain("email.changed")
      expect(JSON.stringify(host.events)).not.toContain("new.example")
      expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
      expect((await host.auth.flows.password.signIn({ ...ada, email: newEmail })).ok).toBe(true)
    },
  )

  test("16 at once over two instances: one success, one event, one mail", async () => {
    const { browser, host } = await scene()
    const twin = emailApp({ stores: host.stores, clock: host.clock })
    const token = await changeLink(host, browser)
    const context = { token: sessionIn(browser) }
    const outcomes = await race(16, [
      () => host.auth.flows.email.confirmChange({ token }, context),
      () => twin.auth.flows.email.confirmChange({ token }, context),
    ])
    await settled()
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    const reasons = outcomes.flatMap((one) => (one.ok ? [] : [one.reason]))
    expect(reasons).toEqual(reasons.map(() => "link_used"))
    expect([...host.mails, ...twin.mails]).toHaveLength(1)
    const types = typesOf([...host.events, ...twin.events])
    expect(types.filter((type) => type === "email.changed")).toHaveLength(1)
    // Whoever presses twice is no thief.
    expect(types).not.toContain("session.token_mismatch")
  })

  test("16 different links at once: one address, and none that was not in its mail", async () => {
    const limits = { user: { limit: 100, window: "1d" }, network: { limit: 100, window: "1d" } } as const
    const { browser, host, user } = await scene({ email: { limits } })
    const twin = emailApp({ email: { limits }, stores: host.stores, clock: host.clock })
    const tokens: string[] = []
    for (let n = 0; n < 16; n++) tokens.push(await changeLink(host, browser, `u${n}@new.example`))
    const context = { token: sessionIn(browser) }
    const use = (one: EmailHost) => (n: number) =>
      one.auth.flows.email.confirmChange({ token: tokens[n] }, context)
    const outcomes = await race(16, [use(host), use(twin)])
    await settled()
    const winner = outcomes.findIndex(({ ok }) => ok)
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await emailOf(host, user.id)).toBe(`u${winner}@new.example`)
    expect([...host.mails, ...twin.mails].filter(({ kind }) => kind === "email_changed")).toHaveLength(1)
  })

  test("16 accounts at once with one address: one has it", async () => {
    const host = emailApp({
      email: { limits: { address: { limit: 99, window: "1d" }, network: { limit: 99, window: "1d" } } },
    })
    const twin = emailApp({ stores: host.stores, clock: host.clock })
    const ways: { token: string; session: string }[] = []
    for (let n = 0; n < 16; n++) {
      const account = { ...eve, email: `eve${n}@example.com` }
      await host.auth.flows.password.register(account)
      await settled()
      host.mails.length = 0
      const browser = await signIn(host, account)
      ways.push({ token: await changeLink(host, browser), session: sessionIn(browser) })
    }
    const use = (one: EmailHost) => (n: number) =>
      one.auth.flows.email.confirmChange({ token: ways[n]?.token }, { token: ways[n]?.session })
    const outcomes = await race(16, [use(host), use(twin)])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter((one) => !one.ok && one.reason === "email_taken")).toHaveLength(15)
    const users = await host.stores.users.list({ limit: 99 })
    expect(users.filter(({ email }) => email === newEmail)).toHaveLength(1)
  })

  test("expires to the millisecond", async () => {
    const { browser, host } = await scene()
    const token = await changeLink(host, browser)
    host.clock.advance(86_400_000 - 1)
    const again = await signIn(host)
    expect((await again.get(`/auth/email/confirm?token=${token}`)).status).toBe(200)
    host.clock.advance(1)
    expect((await again.post("/auth/email/confirm", { json: { token } })).status).toBe(410)
  })

  /** What may have happened since the link was mailed. */
  const since: Readonly<
    Record<
      string,
      readonly [reason: string, (host: EmailHost, id: string, browser: TestClient) => Promise<unknown>]
    >
  > = {
    "somebody else has the address": [
      "email_taken",
      ({ stores }) => stores.users.create({ email: newEmail, emailVerifiedAt: null, createdAt: 1 }),
    ],
    "the account has another address": [
      "link_expired",
      ({ stores }, id) => stores.users.update(id, { email: "other@example.com" }),
    ],
    "every session was ended": [
      "link_expired",
      ({ auth }, id, browser) => auth.sessions.endAll(id, "revoked", {}, sessionOf(browser)),
    ],
    "the password was changed": [
      "link_expired",
      async ({ auth }, _, browser) => {
        const next = "a quite different phrase"
        return browser
          .post("/auth/password/change", {
            json: { current_password: ada.password, new_password: next },
          })
          .then(() => auth)
      },
    ],
    "another link was used": [
      "link_expired",
      (host, _, browser) => changed(host, browser, "third@example.com"),
    ],
    "the account is disabled": ["not_signed_in", ({ auth }, id) => auth.users.disable(id)],
    "it signed out": ["not_signed_in", (_, __, browser) => browser.post("/auth/logout", { json: {} })],
  }

  function sessionOf(browser: TestClient): string {
    return sessionIn(browser).slice(0, 22)
  }

  test.each(Object.keys(since))("%s: refused, nothing is written", async (name) => {
    const [reason, happens] = since[name] ?? []
    const { browser, host, user } = await scene()
    const token = await changeLink(host, browser)
    await happens?.(host, user.id, browser)
    const before = await emailOf(host, user.id)
    const answer = await browser.post("/auth/email/confirm", { json: { token } })
    expect((await answer.json()).reason).toBe(reason)
    expect(await emailOf(host, user.id)).toBe(before)
    await settled()
    expect(host.mails).toEqual([])
  })

  test("another user's session does not confirm it, and uses nothing up", async () => {
    const { browser, host, user } = await scene()
    await host.auth.flows.password.register(eve)
    await settled()
    host.mails.length = 0
    const eves = await signIn(host, eve)
    const token = await changeLink(host, browser)
    expect((await eves.post("/auth/email/confirm", { json: { token } })).status).toBe(401)
    expect((await host.browser().post("/auth/email/confirm", { json: { token } })).status).toBe(401)
    const form = await eves.post("/auth/email/confirm", { form: { token } })
    expect([form.status, await emailOf(host, user.id)]).toEqual([401, ada.email])
    expect((await browser.post("/auth/email/confirm", { json: { token } })).status).toBe(200)
  })

  test.each(["signed out", "with another token"])(
    "%s while it waited for its turn: nothing is written",
    async (how) => {
      const clock = adjustableClock(Date.UTC(2026, 10, 21))
      const { beforeNext, stores } = withTurns(memoryStores({ clock }))
      const { browser, host, user } = await scene({ clock, stores })
      const token = await changeLink(host, browser)
      const context = { token: sessionIn(browser) }
      const { sessions } = host.auth
      beforeNext(async () => {
        const principal = await sessions.read(context.token)
        return how === "signed out"
          ? sessions.end(user.id, principal?.session.id ?? "", "signed_out", {})
          : sessions.rotate(context.token, {})
      })
      const outcome = await host.auth.flows.email.confirmChange({ token }, context)
      expect(outcome).toMatchObject({ ok: false, reason: "not_signed_in" })
      expect(await emailOf(host, user.id)).toBe(ada.email)
      expect(typesOf(host.events)).not.toContain("email.changed")
      expect(await sessions.list(user.id)).toHaveLength(how === "signed out" ? 0 : 1)
    },
  )

  test("an old address that nobody ever proved is told nothing: it may be a stranger's", async () => {
    const host = emailApp()
    await withAda(host, { verified: false })
    const browser = await signIn(host)
    const token = await changeLink(host, browser)
    expect((await browser.post("/auth/email/confirm", { json: { token } })).status).toBe(200)
    await settled()
    expect(host.mails).toEqual([])
  })

  test("ends what waits for the old address: its verification, and the other change", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const browser = await signIn(host)
    await host.auth.flows.email.requestVerification({ userId: user.id })
    const verification = new URL((await mailOf(host, "verify_email")).url).searchParams.get("token") ?? ""
    const [first, second] = [
      await changeLink(host, browser),
      await changeLink(host, browser, "third@example.com"),
    ]
    const { confirmChange, verify } = host.auth.flows.email
    expect((await confirmChange({ token: first }, { token: sessionIn(browser) })).ok).toBe(true)
    const later = await signIn(host, { ...ada, email: newEmail })
    expect(await confirmChange({ token: second }, { token: sessionIn(later) })).toMatchObject({
      reason: "link_expired",
    })
    expect(await verify({ token: verification })).toMatchObject({ reason: "link_expired" })
  })

  test.each(["before", "after"] as const)(
    "breaks off at any store call, %s it took effect: if the address changed, every other session has ended",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const { browser, host, user } = await scene()
        const other = await signIn(host)
        const token = await changeLink(host, browser)
        const fails = ({ number }: StoreCall): boolean => number === n
        const { calls, watched } = failingStores(host.stores, fails, { moment })
        const broken = emailApp({ stores: watched, clock: host.clock })
        const there = broken.browser()
        for (const [cookie, value] of browser.cookies) there.cookies.set(cookie, value)
        const answer = await there.post("/auth/email/confirm", { json: { token } })
        const call = calls[n - 1]
        if (!call) break
        failed++
        const isTurn = call.slot === "challenges" && call.method === "swap"
        if (!(isTurn && answer.status === 200)) {
          expect([call, answer.status]).toEqual([call, 503])
          expect(answer.headers.getSetCookie()).toEqual([])
        }
        const hasChanged = (await emailOf(host, user.id)) === newEmail
        const cannotEnd = call.slot === "sessions" && call.method === "deleteByUser" && moment === "before"
        const alive = (await userIn(host, other)) !== undefined
        if (!cannotEnd) expect([call, hasChanged && alive]).toEqual([call, false])
      }
      expect(failed).toBeGreaterThan(8)
    },
    60_000,
  )
})

test("twelve minutes after signing in a change can be confirmed, which was asked for in time", async () => {
  const { browser, host, user } = await scene()
  const token = await changeLink(host, browser)
  host.clock.advance(twelveMinutes)
  expect((await browser.post("/auth/email/confirm", { json: { token } })).status).toBe(200)
  expect(await emailOf(host, user.id)).toBe(newEmail)
})
