import { describe, expect, test } from "vitest"
import { recordingStores } from "../../src/testing/intercept.js"
import { ada } from "../app.js"
import {
  day,
  hour,
  minute,
  outcomeOf,
  payloadOf,
  refreshWith,
  roles,
  send,
  signIn,
  tokenApp,
  tokensOf,
  whoIs,
  withAda,
} from "./token-app.js"

describe("signing in", () => {
  test("a client that asks for tokens gets them, and no cookie", async () => {
    const host = await withAda()
    const { body, headers } = await signIn(host)
    expect(body).toMatchObject({
      ...{ token_type: "Bearer", expires_in: 300, user: { id: host.user.id } },
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^[\w-]{22}\.0\.[\w-]{43}$/),
    })
    expect(headers.getSetCookie()).toEqual([])
    expect(headers.get("cache-control")).toBe("no-store")
    expect(await whoIs(host, body.access_token)).toBe(host.user.id)
  })

  test("everybody else gets the cookie: without the header, with another word, by a form", async () => {
    const host = await withAda()
    for (const request of [
      { json: ada },
      { json: ada, headers: { "mortise-session": "cookie" } },
      { form: ada, headers: { "mortise-session": "tokens" } },
    ]) {
      const browser = host.browser()
      const answer = await browser.post("/auth/login", request)
      expect(await answer.text()).not.toContain("refresh_token")
      expect((await (await browser.get("/auth/session")).json()).user.id).toBe(host.user.id)
    }
  })

  test("the session that came along ends: a token's, and a cookie's", async () => {
    const host = await withAda()
    const first = await tokensOf(host)
    const again = await signIn(host, { authorization: `Bearer ${first.access_token}` })
    expect(await whoIs(host, first.access_token)).toBeNull()
    expect(outcomeOf(await refreshWith(host, first.refresh_token))).toBe("refresh_token_invalid")
    expect(await whoIs(host, again.body.access_token)).toBe(host.user.id)
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    const cookie = browser.cookieHeader()
    await signIn(host, { cookie })
    expect((await send(host.auth, "GET", "/auth/session", { headers: { cookie } })).body.user).toBeNull()
  })

  test("the access token is one of RFC 9068, and says nothing that is the host's", async () => {
    const host = await withAda()
    const { access_token } = await tokensOf(host)
    const header = JSON.parse(Buffer.from(access_token.split(".")[0] ?? "", "base64url").toString())
    expect(header).toEqual({ alg: "HS256", typ: "at+jwt", kid: expect.any(String) })
    const iat = host.clock() / 1000
    expect(payloadOf(access_token)).toEqual({
      ...{ iss: "https://app.example.com", aud: "https://app.example.com", client_id: "default" },
      ...{ realm: "default", sub: host.user.id, iat, exp: iat + 300, auth_time: iat, amr: ["pwd"] },
      absolute_exp: iat + (90 * day) / 1000,
      ...{ jti: expect.any(String), sid: expect.any(String), ver: expect.any(String) },
    })
  })
})

describe("access tokens", () => {
  test("over after five minutes and the leeway, to the millisecond", async () => {
    const host = await withAda()
    const { access_token } = await tokensOf(host)
    host.clock.advance(5 * minute + 30_000 - 1)
    expect(await whoIs(host, access_token)).toBe(host.user.id)
    host.clock.advance(1)
    expect(await whoIs(host, access_token)).toBeNull()
  })

  test("with one in the request the cookie is not looked at", async () => {
    const host = await withAda()
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    const ask = async (authorization: string): Promise<unknown> =>
      (await (await browser.get("/auth/session", { headers: { authorization } })).json()).user
    expect(await ask("Basic YTpi")).toMatchObject({ id: host.user.id })
    for (const header of [
      "Bearer",
      "bearer nonsense",
      "Bearer  ",
      "DPoP a.b.c",
      "DPOP",
      "Bearer a.b.c, Bearer d",
    ])
      expect([header, await ask(header)]).toEqual([header, null])
  })

  test("what is no access token of this realm is refused: other kinds, realms, keys, every changed letter", async () => {
    const host = await withAda({ jwt: {} })
    const { access_token, refresh_token } = await tokensOf(host)
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    const cookie = browser.cookies.get("__Host-session") ?? ""
    const admin = tokenApp({ clock: host.clock, stores: host.stores, realm: "admin" })
    const other = tokenApp({
      ...{ clock: host.clock, stores: host.stores },
      secret: "another-secret-of-32-characters-0123456789",
    })
    const audience = tokenApp({
      ...{ clock: host.clock, stores: host.stores },
      refresh: { audience: "https://api.example.com" },
    })
    for (const foreign of [cookie, refresh_token, (await tokensOf(admin)).access_token])
      expect(await whoIs(host, foreign)).toBeNull()
    expect(await whoIs(host, (await tokensOf(audience)).access_token)).toBeNull()
    for (const app of [admin, other, audience]) expect(await whoIs(app, access_token)).toBeNull()
    // An access token is no cookie either.
    const asCookie = { headers: { cookie: `__Host-session=${access_token}` } }
    expect((await send(host.auth, "GET", "/auth/session", asCookie)).body.user).toBeNull()
    for (let at = 0; at < access_token.length - 1; at++) {
      const changed =
        access_token.slice(0, at) + (access_token[at] === "A" ? "B" : "A") + access_token.slice(at + 1)
      if (await whoIs(host, changed)) expect.fail(`changed at ${at}`)
    }
  })

  test("a host without HTTP reads them bare", async () => {
    const host = await withAda()
    const { access_token } = await tokensOf(host)
    expect(await host.auth.sessions.read(access_token)).toMatchObject({ userId: host.user.id })
    expect(await host.auth.sessions.read(`${access_token}x`)).toBeUndefined()
  })

  test("one store read each, or one in the accepted seconds", async () => {
    const host = await withAda()
    const { access_token } = await tokensOf(host)
    const { calls, watched } = recordingStores(host.stores)
    const counted = tokenApp({ clock: host.clock, stores: watched })
    for (let n = 1; n <= 3; n++) {
      expect(await whoIs(counted, access_token)).toBe(host.user.id)
      expect(calls.map(({ method }) => method)).toEqual(Array.from({ length: n }, () => "find"))
    }
    await host.auth.sessions.endAll(host.user.id, "revoked", {})
    expect(await whoIs(host, access_token)).toBeNull()
    const late = tokenApp({ clock: host.clock, stores: host.stores, refresh: { acceptStaleness: 7 } })
    const tokens = await tokensOf(late)
    expect(await whoIs(late, tokens.access_token)).toBe(host.user.id)
    await host.auth.sessions.endAll(host.user.id, "revoked", {})
    host.clock.advance(7000 - 1)
    expect(await whoIs(late, tokens.access_token)).toBe(host.user.id)
    host.clock.advance(1)
    expect(await whoIs(late, tokens.access_token)).toBeNull()
  })

  test("an answer that is kept does not refuse a token that is younger", async () => {
    const host = await withAda()
    const late = tokenApp({ clock: host.clock, stores: host.stores, refresh: { acceptStaleness: 7 } })
    const { access_token } = await tokensOf(late)
    expect(await whoIs(late, access_token)).toBe(host.user.id)
    const rotated = await host.auth.sessions.rotate(access_token, {})
    expect(await whoIs(late, rotated?.issued?.access_token ?? "")).toBe(host.user.id)
    expect(await whoIs(late, access_token)).toBeNull()
  })

  test("401 names what is taken (RFC 6750 §3, RFC 9449 §7.1)", async () => {
    const host = await withAda()
    const { headers } = await send(host.auth, "GET", "/auth/sessions")
    expect(headers.get("www-authenticate")).toBe(
      'Cookie realm="default", Bearer realm="default", DPoP algs="ES256 EdDSA"',
    )
  })
})

describe("refreshing", () => {
  test("new tokens, fresh claims, the same session", async () => {
    const host = await withAda()
    const first = await signIn(host)
    host.clock.advance(hour)
    roles.set(host.user.id, "editor")
    const second = await refreshWith(host, first.body.refresh_token)
    expect(second.status).toBe(200)
    expect(second.body.session?.["id"]).toBe(first.body.session?.["id"])
    expect(second.body.session?.["lastSeenAt"]).toBe(host.clock())
    expect(second.body.user?.claims).toMatchObject({ role: "editor" })
    const { body } = await send(host.auth, "GET", "/auth/session", {
      headers: { authorization: `Bearer ${second.body.access_token}` },
    })
    expect(body.user?.claims).toMatchObject({ role: "editor" })
    expect(await host.auth.sessions.list(host.user.id)).toHaveLength(1)
    expect(host.events.at(-1)).toMatchObject({ type: "session.renewed", userId: host.user.id })
  })

  test("idle: over 30 days after the last refresh, to the millisecond", async () => {
    const host = await withAda()
    let { refresh_token } = await tokensOf(host)
    for (let n = 0; n < 2; n++) {
      host.clock.advance(30 * day - 1)
      const heard = await refreshWith(host, refresh_token)
      expect(outcomeOf(heard)).toBe("ok")
      refresh_token = heard.body.refresh_token
    }
    host.clock.advance(30 * day)
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("refresh_token_invalid")
  })

  test("absolute: over after 90 days of steady use, to the millisecond; no rotation moves it", async () => {
    const host = await withAda()
    const start = host.clock()
    let tokens = await tokensOf(host)
    const ends = new Set<unknown>()
    while (host.clock() + 20 * day < start + 90 * day) {
      host.clock.advance(20 * day)
      const { body } = await refreshWith(host, tokens.refresh_token)
      tokens = body
      ends
        .add(body.session?.["absoluteExpiresAt"])
        .add((payloadOf(body.access_token)["absolute_exp"] as number) * 1000)
    }
    expect(ends).toEqual(new Set([start + 90 * day]))
    host.clock.set(start + 90 * day - 1000)
    const last = await refreshWith(host, tokens.refresh_token)
    expect(last.body.expires_in).toBe(1)
    host.clock.set(start + 90 * day - 1)
    expect(await whoIs(host, last.body.access_token)).toBe(host.user.id)
    host.clock.set(start + 90 * day)
    expect(await whoIs(host, last.body.access_token)).toBeNull()
    expect(outcomeOf(await refreshWith(host, last.body.refresh_token))).toBe("refresh_token_invalid")
  })

  test("without a token in the body the cookie's session is renewed, as elsewhere", async () => {
    const host = await withAda()
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    expect((await browser.post("/auth/refresh")).status).toBe(200)
    expect((await host.browser().post("/auth/refresh", { json: {} })).status).toBe(401)
    const { access_token } = await tokensOf(host)
    const headers = { authorization: `Bearer ${access_token}` }
    expect((await browser.post("/auth/refresh", { json: {}, headers })).status).toBe(401)
  })

  test("a form post, as OAuth clients send it, is answered with JSON", async () => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    const answer = await host.browser().post("/auth/refresh", { form: { refresh_token } })
    expect(await answer.json()).toMatchObject({ token_type: "Bearer" })
  })

  test("another site is refused before anything is looked at", async () => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    const headers = { origin: "https://evil.example" }
    expect(outcomeOf(await refreshWith(host, refresh_token, headers))).toBe("cross_origin")
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("ok")
  })

  test("what was not made here is refused, asks no store, and is no event", async () => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    const [family, , mac] = refresh_token.split(".")
    const changed = [...refresh_token].map(
      (letter, at) => refresh_token.slice(0, at) + (letter === "A" ? "B" : "A") + refresh_token.slice(at + 1),
    )
    const odd = [
      "",
      "x",
      `${family}.1.${mac}`,
      `${family}.00.${mac}`,
      `${family}.-0.${mac}`,
      `${refresh_token} `,
    ]
    host.events.length = 0
    const { calls, watched } = recordingStores(host.stores)
    const counted = tokenApp({ clock: host.clock, stores: watched })
    for (const text of [...changed, ...odd, "x".repeat(9000)])
      expect([text, outcomeOf(await refreshWith(counted, text))]).toEqual([text, "refresh_token_invalid"])
    for (const text of [null, 7, [], {}]) {
      const heard = await send(host.auth, "POST", "/auth/refresh", { json: { refresh_token: text } })
      expect(outcomeOf(heard)).toBe("invalid_request")
    }
    expect([host.events, counted.events, calls]).toEqual([[], [], []])
    const admin = tokenApp({ clock: host.clock, stores: host.stores, realm: "admin" })
    expect(outcomeOf(await refreshWith(admin, refresh_token))).toBe("refresh_token_invalid")
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("ok")
  })

  test("a new secret in front keeps families; without the old one they are over", async () => {
    const old = "an-old-secret-of-32-characters-0123456789"
    const fresh = "a-fresh-secret-of-32-characters-98765432"
    const host = await withAda({ secret: old })
    const shared = { clock: host.clock, stores: host.stores }
    const { access_token, refresh_token } = await tokensOf(host)
    const both = tokenApp({ ...shared, secret: [fresh, old] })
    expect(await whoIs(both, access_token)).toBe(host.user.id)
    const next = await refreshWith(both, refresh_token)
    expect(outcomeOf(next)).toBe("ok")
    const alone = tokenApp({ ...shared, secret: fresh })
    expect(outcomeOf(await refreshWith(alone, refresh_token))).toBe("refresh_token_invalid")
    expect(outcomeOf(await refreshWith(alone, next.body.refresh_token))).toBe("ok")
  })
})
