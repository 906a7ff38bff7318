import { serve, upgradeWebSocket, type WebSocketServerLike } from "@hono/node-server"
import { Hono } from "hono"
import { upgradeWebSocket as onWorkers } from "hono/cloudflare-workers"
import { describe, expect, test, vi } from "vitest"
import { mortise, serveSockets } from "../src/index.js"
import { type StartSockets, socketBehaviours, socketServer, withAda } from "./behaviours/sockets.js"
import { runningHost } from "./behaviours/wire.js"

function startHono(app: Hono): StartSockets {
  return async (sockets, wss) => {
    app.get("/ws", serveSockets(sockets, { upgradeWebSocket }))
    // Under exactOptionalPropertyTypes the types of `ws` do not fit those of @hono/node-server.
    const websocket = { server: wss as WebSocketServerLike }
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", websocket })
    if (!("closeAllConnections" in server)) throw new Error("expected an HTTP/1 server")
    return (await runningHost(server, [])).port ?? 0
  }
}

socketBehaviours("serveSockets() of @mortise/hono on Node", (sockets, wss) => {
  const app = new Hono()
  app.onError((_, c) => c.text("", 500))
  return startHono(app)(sockets, wss)
})

test("below mortise() it opens as well, for a cookie and for a message", async () => {
  const app = new Hono()
  const host = await socketServer(startHono(app))
  const late = new Hono()
  late.use(mortise(host.auth))
  const below = await socketServer(startHono(late), { stores: host.stores })
  const { cookie, token, userId } = await withAda(below)
  expect(await below.connect({ cookie }).first()).toMatchObject({ type: "AuthSuccess" })
  const byMessage = below.connect()
  await byMessage.opened
  byMessage.say({ type: "Authenticate", user_id: userId, session_token: token })
  expect(await byMessage.first()).toMatchObject({ type: "AuthSuccess" })
  expect(below.events.filter(({ type }) => type === "guard.refused")).toEqual([])
})

describe("a runtime that is not the one that it is told", () => {
  const headers = { upgrade: "websocket", origin: "https://app.example.com" }
  const errorOf = async (options: Parameters<typeof serveSockets>[1]): Promise<string> => {
    const { sockets } = await socketServer(startHono(new Hono()))
    const app = new Hono()
    let message = ""
    app.onError((error, c) => {
      message = error.message
      return c.text("", 500)
    })
    app.get("/ws", serveSockets(sockets, options))
    expect((await app.request("/ws", { headers })).status).toBe(500)
    return message
  }

  test("none of Cloudflare's without upgradeWebSocket", async () => {
    expect(await errorOf({})).toContain("serveSockets(sockets, { upgradeWebSocket })")
  })

  test("Hono's helper for Workers, which tells nobody that a socket is open", async () => {
    const end = { accept() {}, addEventListener() {}, close() {}, send() {} }
    vi.stubGlobal("WebSocketPair", function pair() {
      return { 0: {}, 1: end }
    })
    vi.stubGlobal(
      "Response",
      class extends Response {
        constructor(body: BodyInit | null, init: ResponseInit & { webSocket?: object } = {}) {
          super(body, init.webSocket ? { ...init, status: 200 } : init)
          if (init.webSocket) Object.assign(this, { webSocket: init.webSocket })
        }
      },
    )
    expect(await errorOf({ upgradeWebSocket: onWorkers })).toContain("without upgradeWebSocket")
  })
})
