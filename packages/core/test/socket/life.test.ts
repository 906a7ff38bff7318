import { describe, expect, test } from "vitest"
import { opaque } from "../../src/index.js"
import { authenticate, calm, pass, signIn, socketHost } from "./socket-host.js"

describe("the two ways in", () => {
  test("by the cookie of the upgrade request: the client is told who it is, and is heard", async () => {
    const host = socketHost()
    const { cookie, userId } = await signIn(host)
    const socket = await host.connect({ cookie })
    expect(socket.got).toMatchObject([{ type: "AuthSuccess", user_id: userId }])
    socket.say("hello")
    expect(host.heard).toEqual(["hello"])
    expect(host.sockets.size).toBe(1)
    expect(host.events.at(-1)).toMatchObject({ type: "socket.opened", userId, address: "192.0.2.1" })
    expect(host.sockets.send({ userId }, "news")).toBe(1)
    expect(socket.got.at(-1)).toEqual({ text: "news" })
    socket.leave()
    expect(host.sockets.size).toBe(0)
    await calm()
    expect(host.events.at(-1)).toMatchObject({ type: "socket.closed", cause: "left", userId })
  })

  test("by the first message", async () => {
    const host = socketHost()
    const { token, userId } = await signIn(host)
    const socket = await host.connect()
    socket.say(authenticate(userId, token))
    await calm()
    const [{ id, expiresAt } = { id: "", expiresAt: 0 }] = await host.auth.sessions.list(userId)
    expect(socket.got).toEqual([
      { type: "AuthSuccess", user_id: userId, session_id: id, expires_at: expiresAt },
    ])
    socket.say("hello")
    expect(host.heard).toEqual(["hello"])
  })
})

describe("the end of a session", () => {
  test("it expires: closed at that instant, and not before", async () => {
    const host = socketHost({ sessions: opaque({ idle: "10m", absolute: "1h" }) })
    const { cookie } = await signIn(host)
    const socket = await host.connect({ cookie })
    await pass(10 * 60_000 - 1)
    expect(socket.closed).toBeUndefined()
    await pass(1)
    expect(socket.closed).toEqual({ code: 4401, reason: "session_expired" })
    expect(host.sockets.size).toBe(0)
  })

  test("signing out closes it at once", async () => {
    const host = socketHost()
    const { browser, cookie } = await signIn(host)
    const socket = await host.connect({ cookie })
    await browser.post("/auth/logout", { json: {} })
    expect(socket.closed).toEqual({ code: 4401, reason: "session_ended" })
  })
})
