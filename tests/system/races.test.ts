import { race } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import { ada, type Cluster, cluster, type Server, wirings } from "./servers.js"

const wrong = { ...ada, password: "not the right phrase" }
let opened: Cluster | undefined

afterEach(async () => {
  await opened?.close()
  opened = undefined
})

function events(servers: readonly Server[], type: string): number {
  return servers.flatMap((server) => server.events).filter((event) => event.type === type).length
}

describe.each(wirings)("two servers, %s", (wiring) => {
  async function open(options: Parameters<typeof cluster>[1] = {}): Promise<Cluster> {
    opened = await cluster(wiring, options)
    return opened
  }

  test("64 parallel registrations of one address: one account, one event", async () => {
    const { a, b } = await open({ limits: { registrations: { limit: 1000, window: "1h" } } })
    const outcomes = await race(64, [
      () => a.auth.flows.password.register(ada),
      () => b.auth.flows.password.register({ ...ada, email: "ADA@Example.com" }),
    ])
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(await a.stores.users.list({ limit: 100 })).toHaveLength(1)
    expect([events([a, b], "user.registered"), events([a, b], "user.registration_refused")]).toEqual([1, 63])
    expect((await b.auth.flows.password.signIn(ada)).ok).toBe(true)
  })

  test("limit 10: of 200 parallel logins exactly 10 are evaluated", async () => {
    const { a, b } = await open({ limits: { address: { free: 9 }, account: { free: 1000 } } })
    const outcomes = await race(200, [
      (n) =>
        a.auth.flows.password.signIn({ ...wrong, email: `u${n}@example.com` }, { address: "203.0.113.5" }),
      (n) =>
        b.auth.flows.password.signIn({ ...wrong, email: `u${n}@example.com` }, { address: "203.0.113.5" }),
    ])
    const reasons = outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.reason))
    expect(reasons.filter((reason) => reason === "invalid_credentials")).toHaveLength(10)
    expect(reasons.filter((reason) => reason === "rate_limited")).toHaveLength(190)
    expect(a.hasher.computed() + b.hasher.computed()).toBe(10)
  })

  test("an account: of 200 parallel guesses five are evaluated, then the right password waits too", async () => {
    const { a, b } = await open({ limits: { address: { free: 1000 } } })
    await a.auth.flows.password.register(ada)
    await race(200, [() => a.auth.flows.password.signIn(wrong), () => b.auth.flows.password.signIn(wrong)])
    const causes = [...a.events, ...b.events].flatMap((event) =>
      event.type === "sign_in.refused" ? [event.cause] : [],
    )
    expect(causes.filter((cause) => cause === "wrong_password")).toHaveLength(5)
    expect(causes.filter((cause) => cause === "backing_off")).toHaveLength(195)
    expect((await b.auth.flows.password.signIn(ada)).ok).toBe(false)
  })

  test("revoke-all beats every parallel sign-in and renewal", async () => {
    const { a, b } = await open({ limits: { address: { free: 1000 }, account: { free: 1000 } } })
    await a.auth.flows.password.register(ada)
    const user = await a.stores.users.findByEmail(ada.email)
    if (!user) throw new Error("not registered")

    for (let round = 0; round < 8; round++) {
      const before = await Promise.all(Array.from({ length: 4 }, () => a.auth.flows.password.signIn(ada)))
      const tokens = before.flatMap((outcome) => (outcome.ok ? [outcome.session.token] : []))
      expect(tokens).toHaveLength(4)
      // Tickets of sign-ins whose credential check began before the revocation.
      const tickets = await Promise.all(Array.from({ length: 16 }, () => b.auth.sessions.begin(user.id)))
      const [, ...others] = await Promise.all([
        a.auth.sessions.endAll(user.id, "revoked", {}),
        ...tickets.map(async (ticket, n) => {
          const opened = await (n % 2 ? a : b).auth.sessions.open(ticket, user, ["pwd"], {})
          return opened.ok ? opened.session : undefined
        }),
        ...tokens.map((token) => b.auth.sessions.rotate(token, {})),
      ])
      const everyToken = [...tokens, ...others.flatMap((session) => (session ? [session.token] : []))]
      for (const server of [a, b]) {
        const read = await Promise.all(everyToken.map((token) => server.auth.sessions.read(token)))
        expect(read.filter(Boolean)).toEqual([])
        expect(await server.auth.sessions.list(user.id)).toEqual([])
      }
    }
  })

  test("changing the password beats every sign-in with the old one", async () => {
    const { a, b } = await open({ limits: { address: { free: 1000 }, account: { free: 1000 } } })
    await a.auth.flows.password.register(ada)
    const first = await a.auth.flows.password.signIn(ada)
    if (!first.ok) throw new Error("not signed in")
    const next = "a quite different phrase"
    const [changed, ...signIns] = await Promise.all([
      a.auth.flows.password.change({ current: ada.password, next }, { token: first.session.token }),
      ...Array.from({ length: 32 }, (_, n) => (n % 2 ? a : b).auth.flows.password.signIn(ada)),
    ])
    if (!changed.ok) throw new Error(changed.reason)
    const tokens = [
      first.session.token,
      ...signIns.flatMap((outcome) => (outcome.ok ? [outcome.session.token] : [])),
    ]
    const alive = await Promise.all(tokens.map((token) => b.auth.sessions.read(token)))
    expect(alive.filter(Boolean)).toEqual([])
    expect(await b.auth.sessions.read(changed.session.token)).toBeDefined()
    expect(await b.auth.sessions.list(changed.session.principal.userId)).toHaveLength(1)
  })

  test("of 16 parallel rotations of one token one succeeds; of 16 ends one says yes", async () => {
    const { a, b } = await open()
    await a.auth.flows.password.register(ada)
    const signedIn = await a.auth.flows.password.signIn(ada)
    if (!signedIn.ok) throw new Error("not signed in")
    const { token, principal } = signedIn.session
    const rotated = await race(16, [
      () => a.auth.sessions.rotate(token, {}),
      () => b.auth.sessions.rotate(token, {}),
    ])
    expect(rotated.filter(Boolean)).toHaveLength(1)
    const end = (server: Server) => () =>
      server.auth.sessions.end(principal.userId, principal.session.id, "revoked", {})
    expect((await race(16, [end(a), end(b)])).filter(Boolean)).toHaveLength(1)
    expect(events([a, b], "session.ended")).toBe(1)
  })
})
