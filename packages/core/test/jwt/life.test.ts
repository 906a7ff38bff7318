import { decodeJwt, decodeProtectedHeader } from "jose"
import { describe, expect, test } from "vitest"
import type { JwtRevocation } from "../../src/jwt.js"
import { jwt } from "../../src/jwt.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, app, appWithAda, type Host, origin } from "../app.js"

const [hour, day] = [3_600_000, 86_400_000]
const kinds: readonly JwtRevocation[] = ["session", "user", "none"]

function strategyOf(revocation: JwtRevocation): ReturnType<typeof jwt> {
  const acceptStaleness = revocation === "none" ? 30 * 86_400 : 0
  return jwt({ lifetime: "12h", grace: "1h", absolute: "30d", revocation, acceptStaleness })
}

function tokenIn(browser: TestClient): string {
  return browser.cookies.get("__Host-session") ?? ""
}

async function signedIn(host: Host): Promise<TestClient> {
  const browser = host.browser()
  const answer = await browser.post("/auth/login", { json: ada })
  expect(answer.status).toBe(200)
  return browser
}

async function userOf(answer: Response): Promise<unknown> {
  return ((await answer.json()) as { user: { id: string } | null }).user?.id
}

describe.each(kinds)("jwt({ revocation: %j })", (revocation) => {
  const started = async () => {
    const host = await appWithAda({ sessions: strategyOf(revocation) })
    return { host, browser: await signedIn(host) }
  }

  test("the token says what RFC 7519 and the host say, and the cookie lives as long as it can be exchanged", async () => {
    const { host, browser } = await started()
    const token = tokenIn(browser)
    expect(decodeProtectedHeader(token)).toEqual({
      alg: "HS256",
      kid: expect.stringMatching(/^[\w-]{16}$/),
      typ: "session+jwt",
    })
    const now = host.clock() / 1000
    expect(decodeJwt(token)).toMatchObject({
      ...{ iss: origin, aud: origin, realm: "default", sub: host.user.id, email: ada.email },
      ...{ iat: now, exp: now + 12 * 3600, auth_time: now, absolute_exp: now + 30 * 86_400, amr: ["pwd"] },
    })
    const answer = await browser.post("/auth/login", { json: ada })
    expect(answer.headers.get("set-cookie")).toContain(`; Max-Age=${13 * 3600};`)
  })

  test("in its life the token stays as it is; in the grace period the answer brings its successor; then it is over", async () => {
    const { host, browser } = await started()
    const first = tokenIn(browser)
    host.clock.advance(12 * hour - 1)
    const alive = await browser.get("/auth/session")
    expect(await userOf(alive)).toBe(host.user.id)
    expect(alive.headers.get("set-cookie")).toBeNull()

    host.clock.advance(1)
    const renewed = await browser.get("/auth/session")
    expect(await userOf(renewed)).toBe(host.user.id)
    expect(tokenIn(browser)).not.toBe(first)
    expect(decodeJwt(tokenIn(browser))).toMatchObject({
      sid: decodeJwt(first)["sid"],
      iat: host.clock() / 1000,
      exp: host.clock() / 1000 + 12 * 3600,
      absolute_exp: decodeJwt(first)["absolute_exp"],
    })

    host.clock.advance(13 * hour - 1)
    expect(await userOf(await browser.get("/auth/session"))).toBe(host.user.id)
    host.clock.advance(13 * hour)
    expect(await userOf(await browser.get("/auth/session"))).toBeUndefined()
    expect(host.events.at(-1)).toMatchObject({ type: "session.token_refused", cause: "expired" })
  })

  test("32 parallel requests in the grace period are all answered, with one and the same successor", async () => {
    const { host, browser } = await started()
    host.clock.advance(12 * hour + 1)
    const header = browser.cookieHeader()
    const answers = await Promise.all(
      Array.from({ length: 32 }, () => host.browser().get("/auth/session", { headers: { cookie: header } })),
    )
    expect(await Promise.all(answers.map(userOf))).toEqual(answers.map(() => host.user.id))
    expect(new Set(answers.map((answer) => answer.headers.get("set-cookie"))).size).toBe(1)
    expect(host.events.filter(({ type }) => type === "session.renewed")).toHaveLength(1)
  })

  test("a renewal moves the end on, not the absolute end, and is done once in a tenth of a life", async () => {
    const { host, browser } = await started()
    const first = tokenIn(browser)
    await browser.post("/auth/refresh", { json: {} })
    expect(tokenIn(browser)).toBe(first)
    host.clock.advance(2 * hour)
    expect((await browser.post("/auth/refresh", { json: {} })).status).toBe(200)
    expect(decodeJwt(tokenIn(browser))["iat"]).toBe(host.clock() / 1000)

    for (let passed = 2 * hour; passed < 30 * day - 11 * hour; passed += 11 * hour) {
      host.clock.advance(11 * hour)
      await browser.post("/auth/refresh", { json: {} })
    }
    host.clock.advance(11 * hour)
    const late = await browser.post("/auth/refresh", { json: {} })
    expect([late.status, await late.json()]).toEqual([
      401,
      expect.objectContaining({ reason: "not_signed_in" }),
    ])
  })

  test("a renewal says what the user's record says now", async () => {
    const { host, browser } = await started()
    await host.stores.users.update(host.user.id, { email: "countess@example.com" })
    host.clock.advance(2 * hour)
    const answer = await browser.post("/auth/refresh", { json: {} })
    expect(await answer.json()).toMatchObject({ user: { claims: { email: "countess@example.com" } } })
    await host.stores.users.update(host.user.id, { disabledAt: host.clock() })
    host.clock.advance(2 * hour)
    expect((await browser.post("/auth/refresh", { json: {} })).status).toBe(401)
  })
})

test("a request that only looks whether the session is over does not make it go on", async () => {
  const host = await appWithAda({ sessions: strategyOf("session") })
  const browser = await signedIn(host)
  const token = tokenIn(browser)
  host.clock.advance(12 * hour + 1)
  const looked = await browser.get("/auth/session", { headers: { "mortise-session": "peek" } })
  expect([await userOf(looked), tokenIn(browser)]).toEqual([host.user.id, token])
  host.clock.advance(hour)
  expect(await userOf(await browser.get("/auth/session"))).toBeUndefined()
})

test("of two servers that renew at once one has done it, and tells it", async () => {
  const host = await appWithAda({ sessions: strategyOf("session") })
  const other = app({ sessions: strategyOf("session"), stores: host.stores, clock: host.clock })
  const browser = await signedIn(host)
  host.clock.advance(12 * hour + 1)
  const headers = { cookie: browser.cookieHeader() }
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      (index % 2 === 0 ? host : other).browser().get("/auth/session", { headers }),
    ),
  )
  expect(new Set(answers.map((answer) => answer.headers.get("set-cookie"))).size).toBe(1)
  const told = [...host.events, ...other.events].filter(({ type }) => type === "session.renewed")
  expect(told).toHaveLength(1)
})

test("a request that changes its claims does not change those of the next one", async () => {
  const host = await appWithAda({ sessions: jwt({ acceptStaleness: 60 }) })
  const token = tokenIn(await signedIn(host))
  await host.auth.sessions.read(token)
  const principal = await host.auth.sessions.read(token)
  expect(() => Object.assign(principal?.claims ?? {}, { email: "eve@example.com" })).toThrow(TypeError)
  expect((await host.auth.sessions.read(token))?.claims).toEqual({ email: ada.email })
})

test("by user: a session that another one replaces in its browser ends nobody else's", async () => {
  const host = await appWithAda({ sessions: strategyOf("user") })
  const token = tokenIn(await signedIn(host))
  const sessionId = decodeJwt(token)["sid"] as string
  expect(await host.auth.sessions.end(host.user.id, sessionId, "replaced", {})).toBe(false)
  expect(await host.auth.sessions.read(token)).toBeDefined()
  expect(await host.auth.sessions.end(host.user.id, sessionId, "signed_out", {})).toBe(true)
  expect(await host.auth.sessions.read(token)).toBeUndefined()
})

test("nor do requests that share one renewal share what they may change", async () => {
  const host = await appWithAda({ sessions: strategyOf("none") })
  const token = tokenIn(await signedIn(host))
  host.clock.advance(12 * hour + 1)
  const [one, other] = [await host.auth.sessions.resume(token), await host.auth.sessions.resume(token)]
  expect(one?.token).toBe(other?.token)
  expect(() => Object.assign(one?.principal.claims ?? {}, { email: "eve@example.com" })).toThrow(TypeError)
  expect(other?.principal.claims).toEqual({ email: ada.email })
})
