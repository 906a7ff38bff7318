import { describe, expect, test } from "vitest"
import type { AuthEvent } from "../../src/index.js"
import { createAuth, opaque, type SessionStrategy, type Stores } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { passwordConfirm } from "../../src/password-confirm.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { failingStores } from "../../src/testing/intercept.js"
import { race } from "../../src/testing/race.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, eve, origin, secret } from "../app.js"

interface Options {
  readonly stores?: Stores
  readonly clock?: ReturnType<typeof adjustableClock>
  readonly sessions?: SessionStrategy
}

function confirmApp(options: Options = {}) {
  const clock = options.clock ?? adjustableClock(Date.UTC(2026, 10, 21))
  const stores = options.stores ?? memoryStores({ clock })
  const events: AuthEvent[] = []
  const hasher = testHasher()
  const auth = createAuth({
    origin,
    secret,
    stores,
    sessions: options.sessions ?? opaque(),
    flows: {
      password: password({ hasher, confirm: passwordConfirm(), limits: { address: { free: 1000 } } }),
    },
    clock,
    on: (event) => void events.push(event),
    onFault: () => {},
  })
  return { auth, clock, stores, events, hasher, browser: () => testClient(auth, { origin }) }
}

type Host = ReturnType<typeof confirmApp>

async function signedIn(options: Options = {}): Promise<Host & { own: TestClient; userId: string }> {
  const host = confirmApp(options)
  await host.auth.flows.password.register(ada)
  const own = host.browser()
  expect((await own.post("/auth/login", { json: ada })).status).toBe(200)
  return { ...host, own, userId: (await host.stores.users.findByEmail(ada.email))?.id ?? "" }
}

const sessionOf = async ({ auth }: Host, browser: TestClient) =>
  (await auth.sessions.read(browser.cookies.get("__Host-session")))?.session

const confirmWith = (browser: TestClient, typed: string) =>
  browser.post("/auth/password/confirm", { json: { password: typed } })

describe("the right password", () => {
  test.each(["opaque", "jwt"] as const)("makes the session fresh, under a new token: %s", async (kind) => {
    const sessions = kind === "jwt" ? jwt() : opaque()
    const host = await signedIn({ sessions })
    const other = host.browser()
    await other.post("/auth/login", { json: ada })
    const before = await sessionOf(host, host.own)
    const token = host.own.cookies.get("__Host-session")
    host.clock.advance(200_000)
    const answer = await confirmWith(host.own, ada.password)
    expect(answer.status).toBe(200)
    const after = await sessionOf(host, host.own)
    expect(after).toMatchObject({ id: before?.id, authenticatedAt: host.clock(), methods: ["pwd"] })
    expect(host.own.cookies.get("__Host-session")).not.toBe(token)
    expect((await sessionOf(host, other))?.authenticatedAt).toBe(before?.authenticatedAt)
    expect(host.events.at(-1)).toMatchObject({
      type: "session.elevated",
      userId: host.userId,
      sessionId: before?.id,
    })
    expect(host.events.map(({ type }) => type)).not.toContain("session.ended")
  })

  test("the old token is dead", async () => {
    const host = await signedIn()
    const old = host.own.cookies.get("__Host-session")
    await confirmWith(host.own, ada.password)
    expect(await host.auth.sessions.read(old)).toBeUndefined()
  })

  test("by a form, leads back to where it was asked for, on the own origin", async () => {
    const host = await signedIn()
    for (const [return_to, location] of [
      ["/security?tab=email", "/security?tab=email"],
      ["//evil.example", "/"],
      [undefined, "/"],
    ] as const) {
      const form = { password: ada.password, ...(return_to === undefined ? {} : { return_to }) }
      const answer = await host.own.post("/auth/password/confirm", { form })
      expect([answer.status, answer.headers.get("location")]).toEqual([303, location])
    }
  })

  test("16 at once with one token, over two instances: one goes on", async () => {
    const host = await signedIn()
    const twin = confirmApp({ stores: host.stores, clock: host.clock })
    const context = { token: host.own.cookies.get("__Host-session") }
    const outcomes = await race(16, [
      () => host.auth.flows.password.confirm({ password: ada.password }, context),
      () => twin.auth.flows.password.confirm({ password: ada.password }, context),
    ])
    expect(outcomes.filter(({ ok }) => ok).length).toBeLessThanOrEqual(1)
    const reasons = new Set(outcomes.map((one) => (one.ok ? "ok" : one.reason)))
    for (const reason of reasons) expect(["ok", "not_signed_in", "rate_limited"]).toContain(reason)
    const elevated = [...host.events, ...twin.events].filter(({ type }) => type === "session.elevated")
    expect(elevated).toHaveLength(outcomes.filter(({ ok }) => ok).length)
  })
})

describe("refusals", () => {
  test("a wrong password, an account without one, nobody signed in: one hash at most, and nothing changes", async () => {
    const host = await signedIn()
    const before = await sessionOf(host, host.own)
    const hashes = host.hasher.computed()
    const answer = await confirmWith(host.own, "not it")
    expect([answer.status, (await answer.json()).reason]).toEqual([403, "wrong_password"])
    expect(host.hasher.computed() - hashes).toBe(1)
    expect(host.events.at(-1)).toMatchObject({ type: "password.confirm_refused", cause: "wrong_password" })
    await host.stores.credentials.delete("password", host.userId)
    expect((await (await confirmWith(host.own, ada.password)).json()).reason).toBe("wrong_password")
    expect(host.hasher.computed() - hashes).toBe(2)
    expect(host.events.at(-1)).toMatchObject({ type: "password.confirm_refused", cause: "no_password" })
    expect((await confirmWith(host.browser(), ada.password)).status).toBe(401)
    expect(host.hasher.computed() - hashes).toBe(2)
    expect(await sessionOf(host, host.own)).toEqual(before)
    const form = await host.own.post("/auth/password/confirm", { form: { password: "not it" } })
    expect(form.headers.get("location")).toBe("/account?error=wrong_password")
  })

  test("200 at once over two instances: five are evaluated, then the right one is refused, also for a change", async () => {
    const host = await signedIn()
    const twin = confirmApp({ stores: host.stores, clock: host.clock })
    const context = { token: host.own.cookies.get("__Host-session") }
    const guess = (one: Host) => () => one.auth.flows.password.confirm({ password: "wrong" }, context)
    const before = host.hasher.computed()
    await race(200, [guess(host), guess(twin)])
    expect(host.hasher.computed() - before + twin.hasher.computed()).toBe(5)
    const right = await confirmWith(host.own, ada.password)
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "30"])
    const change = await host.own.post("/auth/password/change", {
      json: { current_password: ada.password, new_password: eve.password },
    })
    expect(change.status).toBe(429)
    expect(host.events.map((event) => ("limit" in event ? event.limit : ""))).toContain("password.confirm")
    // Nor is anybody locked out by it who signs in.
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
  })

  test("another site cannot post it", async () => {
    const host = await signedIn()
    const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example" }
    const answer = await host.own.post("/auth/password/confirm", {
      form: { password: ada.password },
      headers,
    })
    expect(answer.status).toBe(403)
  })

  test("every store call fails in turn, before and after it took effect: 503, no cookie, nothing is fresh", async () => {
    for (const moment of ["before", "after"] as const) {
      for (let n = 1; ; n++) {
        const host = await signedIn()
        const before = await sessionOf(host, host.own)
        host.clock.advance(5000)
        const { calls, watched } = failingStores(host.stores, ({ number }) => number === n, { moment })
        const broken = confirmApp({ stores: watched, clock: host.clock }).browser()
        for (const [name, value] of host.own.cookies) broken.cookies.set(name, value)
        const answer = await confirmWith(broken, ada.password)
        const call = calls[n - 1]
        if (!call) break
        expect([call, answer.status, answer.headers.getSetCookie()]).toEqual([call, 503, []])
        const after = await sessionOf(host, host.own)
        expect([undefined, before?.authenticatedAt]).toContain(after?.authenticatedAt)
      }
    }
  })
})

test("without the option there is no such step and no such route", () => {
  const auth = createAuth({
    origin,
    secret,
    stores: memoryStores(),
    sessions: opaque(),
    flows: { password: password({ hasher: testHasher() }) },
  })
  expect(auth.routes.map(({ name }) => name)).not.toContain("passwordConfirm")
  // @ts-expect-error: there is none
  expect(auth.flows.password.confirm).toBeUndefined()
})
