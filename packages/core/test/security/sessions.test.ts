import { describe, expect, test } from "vitest"
import { createAuth, opaque, type SessionStrategy, type User } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { refreshTokens } from "../../src/refresh.js"
import { ada, app, appWithAda, type Host, origin, secret, signedIn } from "../app.js"

const hour = 3_600_000
const day = 24 * hour

async function who(browser: { get(path: string): Promise<Response> }): Promise<unknown> {
  return (await (await browser.get("/auth/session")).json()).user
}

describe("the life of a session", () => {
  test("idle: over 24 h after the last use that was written, to the millisecond", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    host.clock.advance(day - 1)
    expect(await who(browser)).not.toBeNull()
    host.clock.advance(day)
    expect(await who(browser)).toBeNull()
  })

  test("absolute: over after 30 days of steady use, to the millisecond, and renewal never moves it", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const start = host.clock()
    while (host.clock() + 12 * hour < start + 30 * day) {
      host.clock.advance(12 * hour)
      expect(await who(browser)).not.toBeNull()
    }
    host.clock.set(start + 30 * day - 1)
    expect(await who(browser)).not.toBeNull()
    host.clock.set(start + 30 * day)
    expect(await who(browser)).toBeNull()
  })

  test("lastSeen is written at most every tenth of the idle time", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const [before] = await host.auth.sessions.list(host.user.id)
    host.clock.advance(2.4 * hour - 1)
    await who(browser)
    expect((await host.auth.sessions.list(host.user.id))[0]?.lastSeenAt).toBe(before?.lastSeenAt)
    host.clock.advance(1)
    await who(browser)
    expect((await host.auth.sessions.list(host.user.id))[0]?.lastSeenAt).toBe(host.clock())
  })

  test("logout ends it at once, also for whoever copied the cookie", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const copied = { headers: { cookie: browser.cookieHeader() } }
    const answer = await browser.post("/auth/logout")
    expect(answer.headers.getSetCookie()).toEqual([
      "__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax",
    ])
    expect((await (await host.browser().get("/auth/session", copied)).json()).user).toBeNull()
    expect(host.events.at(-1)).toMatchObject({ type: "session.ended", cause: "signed_out" })
  })

  test("a form signs out to the page for it; signing out twice is no error", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    for (let round = 0; round < 2; round++) {
      const answer = await browser.post("/auth/logout", { form: {} })
      expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"])
    }
  })

  test("rotation: the old token is dead in the step that makes the new one; of 16 at once one wins", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const token = browser.cookies.get("__Host-session") ?? ""
    const rotated = await Promise.all(Array.from({ length: 16 }, () => host.auth.sessions.rotate(token, {})))
    const winners = rotated.filter((session) => session !== undefined)
    expect(winners).toHaveLength(1)
    expect(await host.auth.sessions.read(token)).toBeUndefined()
    expect(await host.auth.sessions.read(winners[0]?.token ?? "")).toMatchObject({ userId: host.user.id })
    expect(await host.auth.sessions.list(host.user.id)).toHaveLength(1)
  })
})

describe("devices", () => {
  test("the list marks the current one and shows no secret", async () => {
    const host = await appWithAda()
    const phone = await signedIn(host, "198.51.100.7")
    host.clock.advance(1000)
    const laptop = await signedIn(host)
    const text = await (await laptop.get("/auth/sessions")).text()
    const { sessions } = JSON.parse(text)
    expect(
      sessions.map(({ current, address }: { current: boolean; address: string }) => [current, address]),
    ).toEqual([
      [true, "192.0.2.1"],
      [false, "198.51.100.7"],
    ])
    for (const browser of [phone, laptop])
      expect(text).not.toContain(browser.cookies.get("__Host-session")?.slice(23))
    expect(text).not.toContain("secretHash")
  })

  test("end one, others, all", async () => {
    const host = await appWithAda()
    const [a, b, c] = [await signedIn(host), await signedIn(host), await signedIn(host)]
    const idOf = async (browser: typeof a) => (await (await browser.get("/auth/session")).json()).session.id
    expect((await a.delete(`/auth/sessions/${await idOf(b)}`)).status).toBe(200)
    expect(await who(b)).toBeNull()
    expect(await (await a.post("/auth/sessions/end", { json: { session: "others" } })).json()).toEqual({
      ended: 1,
    })
    expect([await who(a), await who(c)]).toEqual([expect.anything(), null])
    const answer = await a.post("/auth/sessions/end", { form: { session: "all" } })
    expect(answer.headers.get("location")).toBe("/sign-in")
    expect(await who(a)).toBeNull()
  })

  test("somebody else's session is not found, and lives on", async () => {
    const host = await appWithAda()
    const mine = await signedIn(host)
    await host.auth.flows.password.register({
      email: "eve@example.com",
      password: "nine brown rabbits running",
    })
    const eve = host.browser()
    await eve.post("/auth/login", {
      json: { email: "eve@example.com", password: "nine brown rabbits running" },
    })
    const { session } = await (await mine.get("/auth/session")).json()
    expect((await eve.delete(`/auth/sessions/${session.id}`)).status).toBe(404)
    expect((await eve.post("/auth/sessions/end", { json: { session: session.id } })).status).toBe(404)
    expect(await who(mine)).not.toBeNull()
  })
})

const strategies: Readonly<Record<string, () => SessionStrategy>> = {
  "opaque()": () => opaque({ idle: "24h", absolute: "30d" }),
  "jwt()": () => jwt(),
  'jwt({ revocation: "user" })': () => jwt({ revocation: "user" }),
  "refreshTokens() beside opaque()": () => refreshTokens({ beside: opaque() }),
  "refreshTokens() beside jwt()": () => refreshTokens({ beside: jwt() }),
}

describe.each(Object.keys(strategies))(
  "%s, events × sessions: what must end every earlier session",
  (name) => {
    const withStrategy = (): Promise<Host & { readonly user: User }> =>
      appWithAda({ sessions: strategies[name]?.() ?? opaque() })

    const endings: readonly [string, (host: Host & { readonly user: User }) => Promise<unknown>][] = [
      ["disabling the account", (host) => host.auth.users.disable(host.user.id)],
      [
        "setting the password",
        (host) => host.auth.flows.password.set(host.user.id, "a quite different phrase"),
      ],
      ["revoking all", (host) => host.auth.sessions.endAll(host.user.id, "revoked", {})],
      [
        "deleting the user's sessions in the store",
        (host) => host.stores.sessions.deleteByUser(host.user.id),
      ],
    ]
    test.each(endings)("%s", async (_, ending) => {
      const host = await withStrategy()
      const browsers = [await signedIn(host), await signedIn(host)]
      await ending(host)
      for (const browser of browsers) expect(await who(browser)).toBeNull()
    })

    test.each(endings)("%s, while 16 sign-ins are under way: none of them survives", async (_, ending) => {
      const host = await withStrategy()
      const user = host.user
      const tickets = await Promise.all(Array.from({ length: 16 }, () => host.auth.sessions.begin(user.id)))
      await ending(host)
      const opened = await Promise.all(
        tickets.map((ticket) => host.auth.sessions.open(ticket, user, ["pwd"], {})),
      )
      expect(opened.filter(({ ok }) => ok)).toEqual([])
      expect(await host.auth.sessions.list(user.id)).toEqual([])
    })

    test("a disabled user cannot sign in, an enabled one can again", async () => {
      const host = await withStrategy()
      await host.auth.users.disable(host.user.id)
      expect((await host.browser().post("/auth/login", { json: ada })).status).toBe(401)
      await host.auth.users.enable(host.user.id)
      expect((await host.browser().post("/auth/login", { json: ada })).status).toBe(200)
      expect(await host.auth.users.disable("nobody")).toEqual({ ok: false, reason: "not_found" })
    })
  },
)

describe.each(Object.keys(strategies))("%s: a token is good for one realm", (name) => {
  const strategy = (): SessionStrategy => strategies[name]?.() ?? opaque()

  test("the same stores, another realm: no session, no list, no end", async () => {
    const host = await appWithAda({ sessions: strategy() })
    const browser = await signedIn(host)
    const token = browser.cookies.get("__Host-session") ?? ""
    const other = createAuth({
      origin,
      secret,
      stores: host.stores,
      sessions: strategy(),
      flows: {},
      realm: "admin",
      clock: host.clock,
    })
    expect(await other.sessions.read(token)).toBeUndefined()
    expect(await other.sessions.list(host.user.id)).toEqual([])
    const { session } = await (await browser.get("/auth/session")).json()
    // Where nothing is kept of a session, ending one ends all of the user's, in every realm.
    if (!name.includes('"user"'))
      expect(await other.sessions.end(host.user.id, session.id, "revoked", {})).toBe(false)
    expect(await who(browser)).not.toBeNull()
  })
})

describe("what is presented as a token", () => {
  test("every single changed character is refused", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const token = browser.cookies.get("__Host-session") ?? ""
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1)
      expect(await host.auth.sessions.read(changed)).toBeUndefined()
    }
    expect(host.events.filter((event) => event.type === "session.token_mismatch").length).toBe(43)
  })

  test.each([
    "",
    ".",
    "a.b",
    "x".repeat(66),
    `${"A".repeat(22)}.${"A".repeat(43)}`,
    "\0".repeat(66),
    "é".repeat(66),
    "x".repeat(100_000),
  ])("%#: garbage reads no session", async (token) => {
    const host = app()
    expect(await host.auth.sessions.read(token)).toBeUndefined()
  })

  test("the digest that a store keeps is no token", async () => {
    const host = await appWithAda()
    await signedIn(host)
    const [record] = await host.stores.sessions.listByUser(host.user.id)
    expect(await host.auth.sessions.read(`${record?.id}.${record?.secretHash}`)).toBeUndefined()
  })
})
