/** Sockets behind JWTs and access tokens: they end with the token, unless they are authenticated again. */
import { describe, expect, test } from "vitest"
import { opaque } from "../../src/index.js"
import { refreshTokens } from "../../src/refresh.js"
import { ada } from "../app.js"
import { revocations, strategyOf } from "../jwt/jwt-app.js"
import { prover } from "../refresh/prover.js"
import { refreshWith, type Tokens } from "../refresh/token-app.js"
import {
  authenticate,
  calm,
  pass,
  passSlowly,
  type SocketHost,
  signIn,
  socketHost,
  until,
} from "./socket-host.js"

const minute = 60_000

describe.each(revocations)("jwt(), revoked by %s", (revocation) => {
  const sessions = strategyOf(revocation, { lifetime: "10m", grace: "1m", absolute: "1h" })

  test("both ways in; over with the token, without its grace period", async () => {
    const host = socketHost({ sessions })
    const { cookie, token, userId } = await signIn(host)
    const sockets = [await host.connect({ cookie }), await host.connect()]
    sockets[1]?.say(authenticate(userId, token))
    await until(() => sockets[1]?.got.length)
    expect(sockets.map(({ got }) => got[0]?.["type"])).toEqual(["AuthSuccess", "AuthSuccess"])
    const over = Number(sockets[0]?.got[0]?.["expires_at"])
    await passSlowly(over - host.clock() - 1)
    expect(host.sockets.size).toBe(2)
    await pass(1)
    await until(() => host.sockets.size === 0)
    const expired = { code: 4401, reason: "session_expired" }
    expect(sockets.map(({ closed }) => closed)).toEqual([expired, expired])
    // Any other request exchanges it; a socket opens for its successor.
    expect((await host.connect({ cookie })).got).toEqual([])
    const late = await host.connect()
    late.say(authenticate(userId, token))
    await until(() => late.closed)
    expect(late.closed).toEqual({ code: 4401, reason: "not_signed_in" })
  })

  test("authenticated again in place with the renewed token, it goes on to that one's end", async () => {
    const host = socketHost({ sessions })
    const { browser, cookie, userId } = await signIn(host)
    const socket = await host.connect({ cookie })
    await passSlowly(5 * minute)
    await browser.post("/auth/refresh", { json: {} })
    const renewed = browser.cookieHeader().replace(/^[^=]*=/, "")
    socket.say(authenticate(userId, renewed))
    await until(() => socket.got.length === 2)
    const [first, second] = socket.got.map(({ expires_at }) => Number(expires_at))
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(4 * minute)
    expect(host.events.filter(({ type }) => type === "socket.opened")).toHaveLength(1)
    await passSlowly((second ?? 0) - host.clock() - 1)
    expect(socket.closed).toBeUndefined()
    await pass(1)
    await until(() => socket.closed)
    expect(socket.closed?.reason).toBe("session_expired")
    expect(host.sockets.size).toBe(0)
  })

  test("signing out closes it here at once, and on another node where somebody can know", async () => {
    const host = socketHost({ sessions })
    const other = socketHost({ sessions, clock: host.clock, stores: host.stores })
    const { browser, cookie } = await signIn(host)
    const sockets = [await host.connect({ cookie }), await other.connect({ cookie })]
    await browser.post("/auth/logout", { json: {} })
    expect(sockets[0]?.closed).toEqual({ code: 4401, reason: "session_ended" })
    await passSlowly(30_000)
    if (revocation !== "none") await until(() => sockets[1]?.closed)
    expect(sockets[1]?.closed?.code).toBe(revocation === "none" ? undefined : 4401)
  })
})

describe("access tokens", () => {
  const sessions = refreshTokens({ beside: opaque(), access: "5m" })

  async function tokensOf(host: SocketHost, headers: Readonly<Record<string, string>> = {}): Promise<Tokens> {
    const answer = await host
      .browser()
      .post("/auth/login", { json: ada, headers: { "mortise-session": "tokens", ...headers } })
    expect(answer.status).toBe(200)
    return answer.json() as Promise<Tokens>
  }

  test("by the header of the upgrade and by message; over with the token at its second, though its session goes on", async () => {
    const host = socketHost({ sessions })
    const { userId } = await signIn(host)
    const { access_token } = await tokensOf(host)
    const sockets = [await host.connect({ authorization: `Bearer ${access_token}` }), await host.connect()]
    sockets[1]?.say(authenticate(userId, access_token))
    await until(() => sockets[1]?.got.length)
    const ends = sockets.map(({ got }) => Number(got[0]?.["expires_at"]))
    expect(ends[0]).toBe(ends[1])
    expect((ends[0] ?? 0) - host.clock()).toBeLessThanOrEqual(5 * minute)
    await passSlowly((ends[0] ?? 0) - host.clock() - 1)
    expect(host.sockets.size).toBe(2)
    await pass(1)
    await until(() => host.sockets.size === 0)
    const expired = { code: 4401, reason: "session_expired" }
    expect(sockets.map(({ closed }) => closed)).toEqual([expired, expired])
    expect(await host.auth.sessions.list(userId)).toHaveLength(2)
  })

  test("authenticated again with the refreshed one it goes on; reuse of a refresh token closes it", async () => {
    const host = socketHost({ sessions })
    const { userId } = await signIn(host)
    const first = await tokensOf(host)
    const socket = await host.connect()
    socket.say(authenticate(userId, first.access_token))
    await until(() => socket.got.length)
    await passSlowly(4 * minute)
    const next = await refreshWith(host, first.refresh_token)
    socket.say(authenticate(userId, next.body.access_token))
    await until(() => socket.got.length === 2)
    await passSlowly(4 * minute)
    await calm()
    expect([socket.got.length, socket.closed]).toEqual([2, undefined])
    expect((await refreshWith(host, first.refresh_token)).body.reason).toBe("refresh_token_reused")
    expect(socket.closed).toEqual({ code: 4401, reason: "session_ended" })
  })

  test("a cookie of the same host works beside them, by both ways", async () => {
    const host = socketHost({ sessions })
    const { cookie, token, userId } = await signIn(host)
    expect((await host.connect({ cookie })).got).toHaveLength(1)
    const socket = await host.connect()
    socket.say(authenticate(userId, token))
    await until(() => socket.got.length)
    expect(socket.got).toMatchObject([{ type: "AuthSuccess", user_id: userId }])
  })

  test("a refresh token is no token for a socket, nor is one that is bound to a key", async () => {
    const host = socketHost({ sessions })
    const { userId } = await signIn(host)
    const { refresh_token } = await tokensOf(host)
    const proof = await (await prover()).prove({ method: "POST", path: "/auth/login", now: host.clock() })
    const bound = await tokensOf(host, { dpop: proof })
    expect(bound.token_type).toBe("DPoP")
    for (const token of [refresh_token, bound.access_token]) {
      const socket = await host.connect()
      socket.say(authenticate(userId, token))
      await until(() => socket.closed)
      expect(socket.closed).toEqual({ code: 4401, reason: "not_signed_in" })
    }
    for (const scheme of ["Bearer", "DPoP"]) {
      const socket = await host.connect({ authorization: `${scheme} ${bound.access_token}` })
      expect(socket.got).toEqual([])
    }
    expect(host.sockets.size).toBe(0)
  })

  test("what the upgrade request brought counts nothing for a message", async () => {
    const host = socketHost({ sessions, sockets: { ways: ["message"] } })
    const { cookie, userId } = await signIn(host)
    const { access_token } = await tokensOf(host)
    for (const headers of [{ cookie }, { authorization: `Bearer ${access_token}` }]) {
      const socket = await host.connect(headers)
      socket.say(authenticate(userId, "x"))
      await until(() => socket.closed)
      expect(socket.closed?.code).toBe(4401)
    }
  })
})
