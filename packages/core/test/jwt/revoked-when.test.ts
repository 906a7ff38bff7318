/** A revocation takes effect as late as the configuration says, and no later: on another server too, which has the answer of a moment ago. */
import { describe, expect, test } from "vitest"
import type { SessionStore, User } from "../../src/index.js"
import type { JwtRevocation } from "../../src/jwt.js"
import { ada, app, type Host } from "../app.js"
import {
  appWithAda,
  beside,
  hour,
  minute,
  revocations,
  second,
  signIn,
  strategyOf,
  tokenIn,
  whoHas,
} from "./jwt-app.js"

const next = "a quite different phrase"
type Keeping = Exclude<JwtRevocation, "none">

interface Pair {
  readonly host: Host & { readonly user: User }
  /** Another server over the same stores. */
  readonly other: Host
}

async function pair(revocation: JwtRevocation, acceptStaleness?: number): Promise<Pair> {
  const sessions = () => strategyOf(revocation, acceptStaleness === undefined ? {} : { acceptStaleness })
  const host = await appWithAda({ sessions: sessions() })
  return { host, other: beside(host, { sessions: sessions() }) }
}

/** What ends a session that somebody else has the token of, and whether its own user's browser goes on. */
const endings: Readonly<
  Record<string, (pair: Pair, own: Awaited<ReturnType<typeof signIn>>) => Promise<unknown>>
> = {
  logout: async (_, { browser }) => browser.post("/auth/logout", { json: {} }),
  "one of the list": async ({ host }, { claims }) =>
    host.auth.sessions.end(host.user.id, String(claims["sid"]), "revoked", {}),
  all: async ({ host }) => host.auth.sessions.endAll(host.user.id, "revoked", {}),
  disabling: async ({ host }) => host.auth.users.disable(host.user.id),
  "a change of role": async ({ host }) => host.auth.sessions.endAll(host.user.id, "permissions_changed", {}),
  "a new password": async ({ host }) => host.auth.flows.password.set(host.user.id, next),
  "a change of password elsewhere": async ({ host }) => {
    const { token } = await signIn(host)
    const changed = await host.auth.flows.password.change({ current: ada.password, next }, { token })
    expect(changed.ok).toBe(true)
  },
  "a change of password right here": async ({ host }, { token }) =>
    host.auth.flows.password.change({ current: ada.password, next }, { token }),
  "signing out the others": async ({ host }) => {
    const { browser } = await signIn(host)
    expect((await browser.post("/auth/sessions/end", { json: { session: "others" } })).status).toBe(200)
  },
  "deletion, then an end of all": async ({ host }) => {
    await host.stores.users.delete(host.user.id)
    await host.auth.sessions.endAll(host.user.id, "revoked", {})
  },
}

describe.each<Keeping>(["session", "user"])("revocation: %j", (revocation) => {
  describe.each([0, 30])("acceptStaleness: %i", (accepted) => {
    test.each(Object.keys(endings))("%s", async (name) => {
      const both = await pair(revocation, accepted)
      const { host, other } = both
      const own = await signIn(host)
      const { token } = own
      expect([await whoHas(host, token), await whoHas(other, token)]).toEqual([host.user.id, host.user.id])
      await endings[name]?.(both, own)
      // At once where it happened.
      expect(await whoHas(host, token)).toBeUndefined()
      if (accepted === 0) return expect(await whoHas(other, token)).toBeUndefined()
      host.clock.advance(accepted * second - 1)
      expect(await whoHas(other, token)).toBe(host.user.id)
      host.clock.advance(1)
      expect(await whoHas(other, token)).toBeUndefined()
      expect(other.events.at(-1)).toMatchObject({ type: "session.token_refused", cause: "revoked" })
    })

    test("an answer that was under way when it was revoked is kept no longer", async () => {
      const { host } = await pair(revocation, accepted)
      let release = (): void => {}
      let held: Promise<void> | undefined
      let asked = (): void => {}
      const underWay = new Promise<void>((resolve) => {
        asked = resolve
      })
      const slow = async <Answer>(answer: Answer | Promise<Answer>): Promise<Answer> => {
        const given = await answer
        if (held) asked()
        await held
        return given
      }
      const sessions: SessionStore = {
        ...host.stores.sessions,
        find: (id) => slow(host.stores.sessions.find(id)),
        epoch: (userId) => slow(host.stores.sessions.epoch(userId)),
      }
      const other = app({
        stores: { ...host.stores, sessions },
        clock: host.clock,
        sessions: strategyOf(revocation, { acceptStaleness: accepted }),
      })
      const { token } = await signIn(host)
      held = new Promise((resolve) => {
        release = resolve
      })
      const reading = other.auth.sessions.read(token)
      await underWay
      await host.auth.sessions.endAll(host.user.id, "revoked", {})
      host.clock.advance(10 * second)
      held = undefined
      release()
      expect(await reading).toMatchObject({ userId: host.user.id })
      host.clock.advance(20 * second)
      expect(await other.auth.sessions.read(token)).toBeUndefined()
    })

    test("whoever signs in again, or changes the password, is taken by the other server at once", async () => {
      const { host, other } = await pair(revocation, accepted)
      const { browser } = await signIn(host)
      await whoHas(other, tokenIn(browser))
      const changed = await browser.post("/auth/password/change", {
        json: { current_password: ada.password, new_password: next },
      })
      expect(changed.status).toBe(200)
      expect(await whoHas(host, tokenIn(browser))).toBe(host.user.id)
      expect(await whoHas(other, tokenIn(browser))).toBe(host.user.id)
      await host.auth.sessions.endAll(host.user.id, "revoked", {})
      const again = host.browser()
      await again.post("/auth/login", { json: { ...ada, password: next } })
      expect(await whoHas(other, tokenIn(again))).toBe(host.user.id)
    })

    test("a clock that is set back does not lengthen it", async () => {
      const { host, other } = await pair(revocation, accepted)
      const { token } = await signIn(host)
      host.clock.advance(hour)
      await whoHas(other, token)
      await host.auth.sessions.endAll(host.user.id, "revoked", {})
      host.clock.advance(-minute)
      expect(await whoHas(other, token)).toBeUndefined()
    })
  })

  test("a change of password keeps the own session, whose new cookie works on every server, and goes on being renewed", async () => {
    const { host, other } = await pair(revocation)
    const { browser, claims, token } = await signIn(host)
    await browser.post("/auth/password/change", {
      json: { current_password: ada.password, new_password: next },
    })
    const changed = tokenIn(browser)
    expect(changed).not.toBe(token)
    expect(await whoHas(other, changed)).toBe(host.user.id)
    expect(await host.auth.sessions.read(changed)).toMatchObject({ session: { id: claims["sid"] } })
    host.clock.advance(12 * hour)
    const renewed = await other.auth.sessions.resume(changed)
    expect(renewed?.token).toBeDefined()
    expect(await whoHas(host, renewed?.token ?? "")).toBe(host.user.id)
    expect(await whoHas(other, token)).toBeUndefined()
  })

  test("a deleted user never comes back, also where nobody ended their sessions", async () => {
    const { host } = await pair(revocation)
    const { browser, token } = await signIn(host)
    await host.stores.users.delete(host.user.id)
    host.clock.advance(2 * hour)
    expect((await browser.post("/auth/refresh", { json: {} })).status).toBe(401)
    host.clock.advance(10 * hour)
    expect(await host.auth.sessions.resume(token)).toBeUndefined()
    host.clock.advance(hour)
    expect(await whoHas(host, token)).toBeUndefined()
  })
})

describe("none", () => {
  test("nothing is revoked, and nobody is told that it was", async () => {
    const { host, other } = await pair("none")
    const { browser, claims, token } = await signIn(host)
    await signIn(host)
    expect((await browser.delete("/auth/sessions/anything")).status).toBe(404)
    expect((await browser.delete(`/auth/sessions/${claims["sid"]}`)).status).toBe(404)
    expect((await browser.post("/auth/sessions/end", { json: { session: "all" } })).status).toBe(404)
    expect(await (await browser.post("/auth/sessions/end", { json: { session: "others" } })).json()).toEqual({
      ended: 0,
    })
    expect(host.events.filter(({ type }) => type === "session.ended")).toEqual([])
    await browser.post("/auth/logout", { json: {} })
    expect(tokenIn(browser)).toBe("")
    expect(host.events.at(-1)).toMatchObject({
      type: "session.ended",
      cause: "signed_out",
      sessionId: claims["sid"],
    })
    expect(await whoHas(other, token)).toBe(host.user.id)
  })

  test("disabling ends what is renewed, and beats a sign-in that is under way", async () => {
    const { host } = await pair("none")
    const { token } = await signIn(host)
    const ticket = await host.auth.sessions.begin(host.user.id)
    await host.auth.users.disable(host.user.id)
    expect(await host.auth.sessions.open(ticket, host.user, ["pwd"], {})).toMatchObject({
      ok: false,
      reason: "conflict",
    })
    expect(await whoHas(host, token)).toBe(host.user.id)
    host.clock.advance(12 * hour)
    expect(await host.auth.sessions.resume(token)).toBeUndefined()
    await host.stores.users.delete(host.user.id)
    expect(await host.auth.sessions.open(ticket, host.user, ["pwd"], {})).toMatchObject({
      ok: false,
      reason: "conflict",
    })
  })
})

describe("user", () => {
  test("ending all answers and tells that something ended, and clears the cookie", async () => {
    const { host } = await pair("user")
    const [one, two] = [await signIn(host), await signIn(host)]
    const answer = await one.browser.post("/auth/sessions/end", { json: { session: "all" } })
    expect([answer.status, await answer.json(), tokenIn(one.browser)]).toEqual([200, { ended: 1 }, ""])
    expect(host.events.at(-1)).toMatchObject({
      type: "session.ended",
      cause: "revoked",
      userId: host.user.id,
      sessionId: "",
    })
    expect(await whoHas(host, two.token)).toBeUndefined()
  })

  test("signing out the others signs out here too; a session's id that is none ends nothing", async () => {
    const { host } = await pair("user")
    const { browser, token } = await signIn(host)
    for (const id of ["x", "constructor", "x".repeat(23), "%00"])
      expect((await browser.delete(`/auth/sessions/${id}`)).status).toBe(404)
    expect(await whoHas(host, token)).toBe(host.user.id)
    await browser.post("/auth/sessions/end", { json: { session: "others" } })
    expect(await whoHas(host, tokenIn(browser))).toBeUndefined()
  })

  test("what was spared is rotated once, by its own token, and only if nobody else revoked meanwhile", async () => {
    const { host } = await pair("user")
    const { sessions } = host.auth
    const spare = async () => {
      const signed = await signIn(host)
      await sessions.endAll(host.user.id, "revoked", {}, String(signed.claims["sid"]))
      return signed.token
    }
    const one = await spare()
    const rotated = await sessions.rotate(one, {})
    expect(await sessions.rotate(one, {})).toBeUndefined()
    expect(await whoHas(host, rotated?.token ?? "")).toBe(host.user.id)
    const other = await signIn(host)
    const two = await spare()
    expect(await sessions.rotate(other.token, {})).toBeUndefined()
    await sessions.endAll(host.user.id, "revoked", {})
    expect(await sessions.rotate(two, {})).toBeUndefined()
    const three = await spare()
    host.clock.advance(minute)
    expect(await sessions.rotate(three, {})).toBeUndefined()
  })

  test("first sign-ins at once all hold; elsewhere one too late is refused, and ends nobody", async () => {
    const { host, other } = await pair("user")
    const { sessions } = host.auth
    const late = await other.auth.sessions.begin(host.user.id)
    const tickets = await Promise.all(Array.from({ length: 17 }, () => sessions.begin(host.user.id)))
    const open = async (ticket = late, server = sessions) => server.open(ticket, host.user, ["pwd"], {})
    const opened = await Promise.all(tickets.slice(1).map((ticket) => open(ticket)))
    expect(await open(late, other.auth.sessions)).toMatchObject({ ok: false })
    for (const one of opened) expect(await whoHas(host, one.ok ? one.session.token : "")).toBe(host.user.id)
    expect(await open(tickets[0])).toMatchObject({ ok: true })
    await sessions.endAll(host.user.id, "revoked", {})
    expect(await open(tickets[0])).toMatchObject({ ok: false })
  })
})

describe.each(revocations)("a request that changes its principal's claims, revocation: %j", (revocation) => {
  test("changes them for itself at most", async () => {
    const host = await appWithAda({ sessions: strategyOf(revocation) })
    const { token } = await signIn(host)
    const principal = await host.auth.sessions.read(token)
    const tamper = (): void => {
      for (const one of [principal?.claims, principal?.session.methods])
        try {
          Object.assign(one as object, { 0: "otp", email: "root@example.com" })
        } catch {}
    }
    tamper()
    expect(await host.auth.sessions.read(token)).toMatchObject({
      claims: { email: ada.email },
      session: { methods: ["pwd"] },
    })
  })
})
