/** What real clients of `ws` find at a real server, whatever opens its WebSockets. */
import { connect, type Socket as TcpSocket } from "node:net"
import { describe, expect, onTestFinished, test } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import { opaque, type SessionStrategy } from "../../../core/src/index.js"
import { memoryStores } from "../../../core/src/memory.js"
import {
  type LiveSockets,
  liveSockets,
  type SocketHandlers,
  type SocketOptions,
} from "../../../core/src/socket.js"
import { announced, memoryMessages } from "../../../core/src/tiered.js"
import { ada, app, type Host, origin, signedIn } from "../../../core/test/app.js"

type Claimed = { email: string }

/** Serves the sockets at `/ws`, with this server of `ws`, and answers the port. */
export type StartSockets = (sockets: LiveSockets<Claimed>, wss: WebSocketServer) => Promise<number>

export interface SocketServer extends Host {
  readonly sockets: LiveSockets<Claimed>
  readonly heard: string[]
  readonly port: number
  connect(headers?: Readonly<Record<string, string>>, path?: string): Client
}

interface Closed {
  readonly code: number
  readonly reason: string
  readonly at: number
}

export interface Client {
  readonly ws: WebSocket
  readonly got: string[]
  /** When it is open; rejects with the status of what refused it. */
  readonly opened: Promise<unknown>
  readonly closed: Promise<Closed>
  /** The next message, or the one that has come already. */
  first(): Promise<Readonly<Record<string, unknown>>>
  say(message: unknown): void
}

interface ServerOptions {
  readonly stores?: Host["stores"]
  readonly sessions?: SessionStrategy
  readonly sockets?: SocketOptions<Claimed> & SocketHandlers<Claimed>
}

const realClock = Object.assign(() => Date.now(), { advance() {}, set() {} })

export async function socketServer(start: StartSockets, options: ServerOptions = {}): Promise<SocketServer> {
  const { sessions, stores } = options
  const host = app({ clock: realClock, ...(stores && { stores }), ...(sessions && { sessions }) })
  const heard: string[] = []
  const sockets = liveSockets<Claimed>(host.auth, {
    onMessage(_, data, socket) {
      heard.push(data)
      socket.send(`heard ${data}`)
    },
    ...options.sockets,
  })
  const wss = new WebSocketServer({ noServer: true, maxPayload: sockets.maxBytes })
  const port = await start(sockets, wss)
  onTestFinished(() => sockets.close())
  const connect: SocketServer["connect"] = (headers = {}, path = "/ws") =>
    client(new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { origin, ...headers } }))
  return { ...host, sockets, heard, port, connect }
}

function client(ws: WebSocket): Client {
  const got: string[] = []
  ws.on("message", (data) => got.push(String(data)))
  ws.on("error", () => {})
  onTestFinished(() => ws.terminate())
  const opened = new Promise((resolve, reject) => {
    ws.once("open", resolve)
    ws.once("unexpected-response", (_, answer) => reject(new Error(`refused ${answer.statusCode}`)))
  })
  opened.catch(() => {})
  const closed = new Promise<Closed>((resolve) => {
    ws.once("close", (code, reason) => resolve({ code, reason: String(reason), at: Date.now() }))
  })
  return {
    ...{ ws, got, opened, closed },
    async first() {
      if (got.length === 0) await new Promise((resolve) => ws.once("message", resolve))
      return JSON.parse(got[0] ?? "")
    },
    say: (message) =>
      ws.send(
        typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message),
      ),
  }
}

export async function withAda(
  host: SocketServer,
): Promise<{ cookie: string; token: string; userId: string }> {
  if (!(await host.stores.users.findByEmail(ada.email))) await host.auth.flows.password.register(ada)
  const cookie = (await signedIn(host)).cookieHeader()
  const user = await host.stores.users.findByEmail(ada.email)
  return { cookie, token: cookie.slice(cookie.indexOf("=") + 1), userId: user?.id ?? "" }
}

function authenticate(userId: string, token: string): object {
  return { type: "Authenticate", user_id: userId, session_token: token }
}

export function socketBehaviours(name: string, start: StartSockets): void {
  describe(name, () => {
    test("by cookie, and by the first message; messages go both ways", async () => {
      const host = await socketServer(start)
      const { cookie, token, userId } = await withAda(host)
      const byCookie = host.connect({ cookie })
      expect(await byCookie.first()).toMatchObject({ type: "AuthSuccess", user_id: userId })
      const byMessage = host.connect()
      await byMessage.opened
      byMessage.say(authenticate(userId, token))
      expect(await byMessage.first()).toMatchObject({ type: "AuthSuccess", user_id: userId })
      byMessage.say("grüße")
      await expect.poll(() => byMessage.got.at(-1)).toBe("heard grüße")
      expect(host.sockets.send({ userId }, "news")).toBe(2)
      await expect.poll(() => byCookie.got.at(-1)).toBe("news")
      expect(host.events.filter(({ type }) => type === "socket.opened")).toMatchObject([
        { address: "127.0.0.1" },
        { address: "127.0.0.1" },
      ])
      byCookie.ws.close()
      byMessage.ws.terminate()
      await expect.poll(() => host.sockets.size).toBe(0)
    })

    test.each([
      ["another site's page", { origin: "https://evil.example" }, "/ws", 403],
      ["a page that hides where it is from", { origin: "null" }, "/ws", 403],
      ["another path", {}, "/other", 404],
    ])("%s is refused before the handshake", async (_, headers, path, status) => {
      const host = await socketServer(start)
      const { cookie } = await withAda(host)
      await expect(host.connect({ cookie, ...headers }, path).opened).rejects.toThrow(`refused ${status}`)
      expect(host.sockets.size).toBe(0)
    })

    test("nobody is 401 where the cookie is the only way in", async () => {
      const host = await socketServer(start, { sockets: { ways: ["upgrade"] } })
      await expect(host.connect().opened).rejects.toThrow("refused 401")
    })

    test.each([
      ["nothing", [], 4408, "not_authenticated_in_time"],
      ["bytes", [new Uint8Array(8)], 1003, "binary"],
      ["no JSON", ["hello"], 4400, "invalid_request"],
      ["a message of its own", [{ type: "Chat" }], 4400, "invalid_request"],
      ["4,097 bytes", ["x".repeat(4_097)], 1009, "payload_too_large"],
      // Of this one `ws` itself reads no more than the header of its frame.
      ["a million bytes", ["x".repeat(1_000_000)], 1009, ""],
      ["no token", [authenticate("x", "x")], 4401, "not_signed_in"],
      ["a hundred at once", Array(100).fill(authenticate("x", "x")), undefined, undefined],
    ] as const)("a client that sends %s is closed", async (_, messages, code, reason) => {
      const host = await socketServer(start, { sockets: { authenticateWithin: 1 } })
      const silent = host.connect()
      await silent.opened
      for (const message of messages) silent.say(message)
      const closed = await silent.closed
      if (code === undefined) expect([4401, 4429]).toContain(closed.code)
      else expect(closed).toMatchObject({ code, reason })
      expect(host.heard).toEqual([])
      expect(silent.got.filter((text) => text.includes("AuthSuccess"))).toEqual([])
    })

    // Again if it fails: a machine that is busy with something else takes longer for everything.
    test("signing out closes it at once, expiry within a second", { retry: 2 }, async () => {
      const host = await socketServer(start, { sessions: opaque({ idle: 3, absolute: 60 }) })
      const { cookie } = await withAda(host)
      const other = await signedIn(host)
      const sockets = [host.connect({ cookie: other.cookieHeader() }), host.connect({ cookie })]
      const [, { expires_at }] = (await Promise.all(sockets.map((socket) => socket.first()))) as [
        object,
        { expires_at: number },
      ]
      const before = Date.now()
      await other.post("/auth/logout", { json: {} })
      const ended = await sockets[0]?.closed
      expect(ended).toMatchObject({ code: 4401, reason: "session_ended" })
      expect((ended?.at ?? 0) - before).toBeLessThan(1_000)
      const expired = await sockets[1]?.closed
      expect(expired).toMatchObject({ code: 4401, reason: "session_expired" })
      expect(expired?.at).toBeGreaterThanOrEqual(expires_at)
      expect((expired?.at ?? 0) - expires_at).toBeLessThan(1_000)
    })

    test("two servers: what ends a session on one closes its sockets on the other within a second", {
      retry: 2,
    }, async () => {
      const messages = memoryMessages()
      const bare = memoryStores({ clock: realClock })
      const stores = { ...bare, sessions: announced(bare.sessions, messages) } as never
      const here = await socketServer(start, { stores, sockets: { messages } })
      const there = await socketServer(start, { stores, sockets: { messages, recheck: "24h" } })
      const { cookie, userId } = await withAda(here)
      const sockets = Array.from({ length: 16 }, () => there.connect({ cookie }))
      await Promise.all(sockets.map((socket) => socket.first()))
      const before = Date.now()
      await here.auth.sessions.endAll(userId, "revoked", {})
      const closed = await Promise.all(sockets.map((socket) => socket.closed))
      expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([4401]))
      expect(Math.max(...closed.map(({ at }) => at)) - before).toBeLessThan(1_000)
      expect(there.sockets.size).toBe(0)
    })

    test("a client that does not answer the close frame is cut off, and hears nothing more", async () => {
      const host = await socketServer(start)
      const { cookie, userId } = await withAda(host)
      const raw = await rawSocket(host.port, cookie)
      await expect.poll(() => host.sockets.size).toBe(1)
      const before = Date.now()
      await host.sockets.endUser(userId)
      await new Promise((resolve) => raw.once("close", resolve))
      expect(Date.now() - before).toBeLessThan(3_000)
    })

    test("who reads nothing is closed before more than maxBuffered waits for it", async () => {
      const host = await socketServer(start, { sockets: { maxBuffered: 200_000 } })
      const { cookie, userId } = await withAda(host)
      const raw = await rawSocket(host.port, cookie)
      await expect.poll(() => host.sockets.size).toBe(1)
      raw.pause()
      const text = "x".repeat(50_000)
      let sent = 0
      while (host.sockets.send({ userId }, text) === 1 && sent < 2_000) {
        sent++
        if (sent % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      expect(sent).toBeLessThan(2_000)
      await expect
        .poll(() => host.events.filter(({ type }) => type === "socket.closed"))
        .toMatchObject([{ cause: "too_slow", userId }])
    })

    test("a server of ws that would keep more of a message than is taken is refused", async () => {
      const host = await socketServer(start)
      const wss = new WebSocketServer({ noServer: true })
      const refused = start(host.sockets, wss).then(async (port) => {
        const { opened } = client(new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { origin } }))
        await opened
      })
      await expect(refused).rejects.toThrow(/maxPayload: sockets.maxBytes|refused 500/)
    })
  })
}

/** A client without manners: it shakes hands, and does nothing more. */
async function rawSocket(port: number, cookie: string): Promise<TcpSocket> {
  const lines = {
    ...{ host: "app.example.com", upgrade: "websocket", connection: "Upgrade", origin, cookie },
    ...{ "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
  }
  const socket = connect(port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /ws HTTP/1.1\r\n${head.join("")}\r\n`)
  await new Promise((resolve, reject) => socket.once("data", resolve).once("error", reject))
  return socket
}
