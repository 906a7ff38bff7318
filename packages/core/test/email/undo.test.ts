import { describe, expect, test } from "vitest"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, eve } from "../app.js"
import {
  changed,
  changeLink,
  type EmailHost,
  emailApp,
  mailOf,
  newEmail,
  sessionIn,
  settled,
  signIn,
  typesOf,
  userIn,
  withAda,
} from "./email-app.js"

const lenient = {
  limits: { user: { limit: 99, window: "1d" }, network: { limit: 99, window: "1d" } },
} as const
const next = "a quite different phrase"

/** Ada's account, whose address a thief with her password has just changed. The link to her mailbox takes that back. */
async function scene(options: Parameters<typeof emailApp>[0] = {}) {
  const host = emailApp({ email: lenient, ...options })
  const user = await withAda(host)
  const thief = await signIn(host)
  const token = await changed(host, thief)
  return { host, user, thief, token }
}

const accountOf = async ({ stores }: EmailHost, id: string) => stores.users.find(id)

/** Adds a credential of a kind, as a thief or the owner would. */
async function add(
  { clock, stores }: EmailHost,
  userId: string,
  kind: "passkey" | "totp" | "identity",
): Promise<void> {
  const now = clock()
  const credential = {
    kind,
    handle: `${kind}-${now}`,
    userId,
    secret: "x",
    revision: 0,
    createdAt: now,
    changedAt: now,
  }
  expect(await stores.credentials.insert(credential)).toBe(true)
}

describe("the link to the old address", () => {
  test("shows a page that says what goes, and uses nothing up", async () => {
    const { host, token, user } = await scene()
    const path = `/auth/email/undo?token=${token}`
    for (let n = 0; n < 3; n++) {
      const shown = await host.browser().get(path)
      expect(shown.status).toBe(200)
      const html = await shown.text()
      expect(html).toContain(`<strong>${ada.email}</strong>`)
      expect(html).toContain("The password is removed")
      expect(html).not.toContain("new.example")
    }
    expect((await accountOf(host, user.id))?.email).toBe(newEmail)
  })

  test.each(["form", "json"] as const)(
    "by %s: the old address is back and proven, nobody is signed in, the password is gone",
    async (kind) => {
      const { host, thief, token, user } = await scene()
      host.clock.advance(5000)
      const browser = host.browser()
      const answer = await browser.post("/auth/email/undo", { [kind]: { token } })
      expect([answer.status, answer.headers.get("location")]).toEqual(
        kind === "form" ? [303, "/sign-in?notice=email_change_undone"] : [200, null],
      )
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await accountOf(host, user.id)).toMatchObject({
        email: ada.email,
        emailVerifiedAt: host.clock(),
      })
      expect(await userIn(host, thief)).toBeUndefined()
      expect(await host.auth.sessions.list(user.id)).toEqual([])
      expect(await host.stores.credentials.listByUser(user.id)).toEqual([])
      expect(typesOf(host.events).slice(-2)).toEqual(["session.ended", "email.change_undone"])
      for (const email of [ada.email, newEmail])
        expect((await host.auth.flows.password.signIn({ ...ada, email })).ok).toBe(false)
      // The owner sets a new one, by whatever the host has for it.
      expect((await host.auth.flows.password.set(user.id, next)).ok).toBe(true)
      expect((await host.auth.flows.password.signIn({ ...ada, password: next })).ok).toBe(true)
    },
  )

  test("takes what was added since with it, and leaves what was there before", async () => {
    const host = emailApp({ email: lenient })
    const user = await withAda(host)
    await add(host, user.id, "passkey")
    host.clock.advance(1)
    const thief = await signIn(host)
    const token = await changed(host, thief)
    await add(host, user.id, "totp")
    host.clock.advance(1)
    await add(host, user.id, "identity")
    expect((await host.auth.flows.email.undoChange({ token })).ok).toBe(true)
    const left = await host.stores.credentials.listByUser(user.id)
    expect(left.map(({ kind }) => kind)).toEqual(["passkey"])
  })

  /** What the thief does to be rid of the owner. */
  const tricks: Readonly<
    Record<string, (host: EmailHost, thief: TestClient, id: string) => Promise<unknown>>
  > = {
    "changes the password": (_, thief) =>
      thief.post("/auth/password/change", {
        json: { current_password: ada.password, new_password: next },
      }),
    "changes the address again": (host, thief) => changed(host, thief, "third@new.example"),
    "changes it again, and takes that back": async (host, thief) => {
      const token = await changed(host, thief, "third@new.example")
      host.clock.advance(1000)
      expect((await host.auth.flows.email.undoChange({ token })).ok).toBe(true)
      expect((await host.stores.users.findByEmail(newEmail))?.id).toBeDefined()
    },
    "changes it fifteen times": async (host, thief) => {
      for (let n = 0; n < 15; n++) await changed(host, thief, `u${n}@new.example`)
    },
    "changes it back, and away again": async (host, thief) => {
      await changed(host, thief, ada.email)
      await changed(host, thief, newEmail)
    },
    "signs everybody else out": (_, thief) =>
      thief.post("/auth/sessions/end", { json: { session: "others" } }),
    "deactivates the account": (_, thief) => thief.post("/auth/account/deactivate", { json: {} }),
  }

  test.each(Object.keys(tricks))("works although the thief %s", async (name) => {
    const { host, thief, token, user } = await scene()
    await tricks[name]?.(host, thief, user.id)
    await settled()
    host.mails.length = 0
    const outcome = await host.auth.flows.email.undoChange({ token })
    expect(outcome).toMatchObject({ ok: true })
    expect((await accountOf(host, user.id))?.email).toBe(ada.email)
    expect(await userIn(host, thief)).toBeUndefined()
  })

  test("once it is used, no later link changes anything back: of the thief's, and of whatever waited", async () => {
    const { host, thief, token, user } = await scene()
    const thiefs = await changed(host, thief, "third@new.example")
    const pending = await changeLink(host, thief, "fourth@new.example")
    expect((await host.auth.flows.email.undoChange({ token })).ok).toBe(true)
    const { confirmChange, undoChange } = host.auth.flows.email
    expect(await undoChange({ token: thiefs })).toEqual({ ok: false, reason: "link_expired" })
    expect(await confirmChange({ token: pending }, { token: sessionIn(thief) })).toMatchObject({
      reason: "not_signed_in",
    })
    await host.auth.flows.password.set(user.id, next)
    const own = await signIn(host, { ...ada, password: next })
    // Also in a browser that is signed in to the account.
    expect(await confirmChange({ token: pending }, { token: sessionIn(own) })).toMatchObject({
      reason: "link_expired",
    })
    expect((await accountOf(host, user.id))?.email).toBe(ada.email)
    // A change of the owner's own afterwards can be taken back, and the old link still does nothing.
    const later = await changed(host, own, "mine@example.com")
    expect(await undoChange({ token: thiefs })).toMatchObject({ ok: false })
    expect(await undoChange({ token })).toEqual({ ok: false, reason: "link_used" })
    expect((await undoChange({ token: later })).ok).toBe(true)
    expect((await accountOf(host, user.id))?.email).toBe(ada.email)
  })

  test("16 at once over two instances: one success, one event", async () => {
    const { host, token } = await scene()
    const twin = emailApp({ email: lenient, stores: host.stores, clock: host.clock })
    const outcomes = await race(16, [
      () => host.auth.flows.email.undoChange({ token }),
      () => twin.auth.flows.email.undoChange({ token }),
    ])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter((one) => !one.ok && one.reason === "link_used")).toHaveLength(15)
    const told = [...host.events, ...twin.events].filter(({ type }) => type === "email.change_undone")
    expect(told).toHaveLength(1)
  })

  test("ends to the millisecond, seven days later", async () => {
    const { host, token } = await scene()
    host.clock.advance(7 * 86_400_000 - 1)
    expect((await host.auth.flows.email.peek("undo-email", { token })).ok).toBe(true)
    host.clock.advance(1)
    expect(await host.auth.flows.email.undoChange({ token })).toEqual({ ok: false, reason: "link_expired" })
  })

  test("if somebody has the old address by now, nothing is used up, and it works once that is settled", async () => {
    const { host, thief, token, user } = await scene()
    const squatter = await host.stores.users.create({ email: ada.email, emailVerifiedAt: null, createdAt: 1 })
    const answer = await host.browser().post("/auth/email/undo", { json: { token } })
    expect([answer.status, (await answer.json()).reason]).toEqual([409, "email_taken"])
    const page = await host.browser().get(`/auth/email/undo?token=${token}`)
    expect([page.status, (await page.text()).includes("Another account has this address.")]).toEqual([
      409,
      true,
    ])
    await host.stores.users.delete(squatter?.id ?? "")
    expect((await host.auth.flows.email.undoChange({ token })).ok).toBe(true)
    expect(await userIn(host, thief)).toBeUndefined()
    expect((await accountOf(host, user.id))?.email).toBe(ada.email)
  })

  test("an account that is gone stays gone", async () => {
    const { host, token, user } = await scene()
    await host.stores.users.delete(user.id)
    expect(await host.auth.flows.email.undoChange({ token })).toEqual({ ok: false, reason: "link_expired" })
    expect(await accountOf(host, user.id)).toBeUndefined()
  })

  test("does not enable what an administrator has disabled", async () => {
    const { host, token, user } = await scene()
    await host.auth.users.disable(user.id)
    expect((await host.auth.flows.email.undoChange({ token })).ok).toBe(true)
    expect((await accountOf(host, user.id))?.disabledAt).toEqual(expect.any(Number))
  })

  test.each(["before", "after"] as const)(
    "breaks off at any store call, %s it took effect: the owner presses again, and the thief is out for good",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const { host, thief, token, user } = await scene()
        const fails = ({ number }: StoreCall): boolean => number === n
        const { calls, watched } = failingStores(host.stores, fails, { moment })
        const broken = emailApp({ email: lenient, stores: watched, clock: host.clock })
        const answer = await broken.browser().post("/auth/email/undo", { json: { token } })
        const call = calls[n - 1]
        if (!call) break
        failed++
        // A turn that was not given back ends by then.
        host.clock.advance(60_000)
        if (answer.status !== 200) {
          expect([call, answer.status]).toEqual([call, 503])
          const again = await host.auth.flows.email.undoChange({ token })
          // What came last may have happened, though nobody heard of it.
          if (!again.ok)
            expect([call, again.reason]).toEqual([call, expect.stringMatching(/^link_(used|expired)$/)])
        }
        expect([call, (await accountOf(host, user.id))?.email]).toEqual([call, ada.email])
        expect([call, await userIn(host, thief)]).toEqual([call, undefined])
        expect([call, await host.stores.credentials.listByUser(user.id)]).toEqual([call, []])
        expect((await host.auth.flows.email.undoChange({ token })).ok).toBe(false)
      }
      expect(failed).toBeGreaterThan(8)
    },
    60_000,
  )
})

describe("every link", () => {
  const actions = ["verify-email", "confirm-email", "undo-email"] as const
  const paths = { "verify-email": "verify", "confirm-email": "confirm", "undo-email": "undo" } as const

  /** A link of each kind, and the browser that could use it. */
  async function linksOf(host: EmailHost): Promise<Record<(typeof actions)[number] | "reactivate", string>> {
    const user = await withAda(host)
    const browser = await signIn(host)
    const undo = await changed(host, browser)
    const confirm = await changeLink(host, browser, "third@example.com")
    await host.stores.users.update(user.id, { emailVerifiedAt: null })
    await host.auth.flows.email.requestVerification({ userId: user.id })
    const verify = new URL((await mailOf(host, "verify_email")).url).searchParams.get("token") ?? ""
    await host.auth.flows.deactivation.deactivate({ token: sessionIn(browser) })
    const reactivate = new URL((await mailOf(host, "reactivate_account")).url).searchParams.get("token") ?? ""
    await host.auth.users.enable(user.id)
    return { "verify-email": verify, "confirm-email": confirm, "undo-email": undo, reactivate }
  }

  async function expectInvalid(
    host: EmailHost,
    action: (typeof actions)[number],
    token: string,
  ): Promise<void> {
    const path = `/auth/email/${paths[action]}`
    const looked = await host.browser().get(`${path}?token=${encodeURIComponent(token)}`)
    expect([action, token.slice(0, 12), looked.status]).toEqual([action, token.slice(0, 12), 400])
    const answer = await host.browser().post(path, { json: { token } })
    expect([action, (await answer.json()).reason]).toEqual([action, "link_invalid"])
  }

  test.each(actions)(
    "%s: is good for nothing else, in no other realm, at no other origin, under no other secret",
    async (action) => {
      const host = emailApp({ email: lenient })
      const links = await linksOf(host)
      for (const [other, token] of Object.entries(links))
        if (other !== action) await expectInvalid(host, action, token)
      const { clock, stores } = host
      const elsewhere = [
        emailApp({ stores, clock, realm: "admin" }),
        emailApp({ stores, clock, origin: "https://other.example.com" }),
        emailApp({ stores, clock, secret: "an-other-secret-of-32-characters-01234567" }),
      ]
      for (const one of elsewhere) await expectInvalid(one, action, links[action])
      const reactivated = await host
        .browser()
        .post("/auth/account/reactivate", { json: { token: links[action] } })
      expect((await reactivated.json()).reason).toBe("link_invalid")
    },
  )

  test.each(actions)("%s: changed anywhere, cut, doubled or absent, is none", async (action) => {
    const host = emailApp({ email: lenient })
    const { [action]: token } = await linksOf(host)
    const [payload = "", mac = ""] = token.split(".")
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString())
    const forged = (changes: object): string =>
      `${Buffer.from(JSON.stringify({ ...claims, ...changes })).toString("base64url")}.${mac}`
    for (const tampered of [
      "",
      "x",
      payload,
      `.${mac}`,
      `${payload}.`,
      `${payload}.${mac}.${mac}`,
      `${payload}.${mac.slice(1)}`,
      `${payload.slice(1)}.${mac}`,
      `${token}${token}`,
      "x".repeat(20_000).slice(0, 8000),
      forged({ userId: "eve" }),
      forged({ email: eve.email }),
      forged({ expiresAt: claims.expiresAt + 1 }),
      forged({ action: "verify-email", id: "x" }),
    ])
      await expectInvalid(host, action, tampered)
    // A flood of such fills no log.
    const before = host.events.length
    for (let n = 0; n < 200; n++)
      await host.auth.flows.email.verify({ token: "x" }, { address: "203.0.113.77" })
    expect(host.events.length - before).toBe(99)
  })

  test.each(actions)("%s: another site cannot post it", async (action) => {
    const host = emailApp({ email: lenient })
    const { [action]: token } = await linksOf(host)
    for (const headers of [
      { "sec-fetch-site": "cross-site", origin: "https://evil.example" },
      { origin: "null" },
      { origin: "https://app.example.com.evil.example" },
    ])
      for (const body of [{ form: { token } }, { json: { token } }]) {
        const answer = await host.browser().post(`/auth/email/${paths[action]}`, { ...body, headers })
        expect(answer.status).toBe(403)
      }
    expect(typesOf(host.events)).not.toContain("email.verified")
    expect(typesOf(host.events)).not.toContain("email.change_undone")
  })

  test("nothing in the stores tells an address that is not an account's, nor lets anybody use a link", async () => {
    const host = emailApp({ email: lenient })
    const seen: string[] = []
    const { challenges, rateLimits } = host.stores
    function watched(store: typeof challenges): typeof challenges {
      const noted =
        <Input extends readonly unknown[], Answer>(call: (...input: Input) => Answer) =>
        (...input: Input): Answer => {
          seen.push(input.join(" "))
          return call(...input)
        }
      const { add, increment, set, swap } = store
      return { ...store, add: noted(add), increment: noted(increment), set: noted(set), swap: noted(swap) }
    }
    const watching = emailApp({
      email: lenient,
      clock: host.clock,
      stores: { ...host.stores, challenges: watched(challenges), rateLimits: watched(rateLimits) },
    })
    const links = await linksOf(watching)
    for (const action of actions)
      await watching.browser().post(`/auth/email/${paths[action]}`, { json: { token: links[action] } })
    const text = seen.join("\n")
    expect(seen.length).toBeGreaterThan(20)
    for (const canary of ["example", newEmail, ...Object.values(links).flatMap((token) => token.split("."))])
      expect([canary.slice(0, 20), text.includes(canary)]).toEqual([canary.slice(0, 20), false])
    const told = JSON.stringify([watching.events, watching.faults])
    for (const canary of ["@", ...Object.values(links)]) expect(told).not.toContain(canary)
  })
})
