import { once } from "node:events"
import { createServer, IncomingMessage } from "node:http"
import { connect, Socket } from "node:net"
import { Duplex } from "node:stream"
import { expect, onTestFinished, test, vi } from "vitest"
import { shop } from "../../core/test/realms/shop.js"
import { runningHost } from "../../hono/test/behaviours/wire.js"
import { guardUpgrade } from "../src/index.js"

const request =
  "GET /store/live HTTP/1.1\r\nHost: app.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

test.each(["stays", "closes its end when it has read the answer", "leaves at once"])(
  "a refused upgrade gives its socket back: the client %s",
  async (manner) => {
    const { site } = await shop()
    const server = createServer()
    const sockets: Duplex[] = []
    server.on("upgrade", (req, socket: Duplex) => {
      sockets.push(socket)
      void guardUpgrade(site, undefined, { req, socket })
    })
    const { port = 0 } = await runningHost(server.listen(0, "127.0.0.1"), [])
    const clients = Array.from({ length: 5 }, () => {
      const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
      // Some bytes of what it takes for an open WebSocket.
      client.write(`${request}xxxxx`, () => {
        if (manner === "leaves at once") client.destroy()
      })
      client.resume().on("error", () => {})
      if (manner.startsWith("closes")) client.on("end", () => client.end())
      return client
    })
    onTestFinished(() => {
      for (const client of clients) client.destroy()
    })
    await vi.waitFor(
      () => expect(sockets.map(({ destroyed }) => destroyed)).toEqual(Array(5).fill(true)),
      4_000,
    )
  },
)

test("a refused upgrade gives its socket back after five seconds, where the client does not read", async () => {
  const { site } = await shop()
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  // Takes what is written and never says that it is gone.
  const socket = new Duplex({ read() {}, write() {} })
  const req = Object.assign(new IncomingMessage(new Socket()), { method: "GET", url: "/store/live" })
  expect(await guardUpgrade(site, undefined, { req, socket })).toBeUndefined()
  vi.advanceTimersByTime(4_999)
  expect(socket.destroyed).toBe(false)
  const closed = once(socket, "close")
  vi.advanceTimersByTime(1)
  expect(socket.destroyed).toBe(true)
  await closed
  expect(vi.getTimerCount()).toBe(0)
})
