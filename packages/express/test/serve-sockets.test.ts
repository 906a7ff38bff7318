import { createServer } from "node:http"
import express from "express"
import { expect, onTestFinished, test } from "vitest"
import { WebSocketServer } from "ws"
import { type StartSockets, socketBehaviours, socketServer } from "../../hono/test/behaviours/sockets.js"
import { runningHost } from "../../hono/test/behaviours/wire.js"
import { serveSockets } from "../src/index.js"

const startExpress: StartSockets = async (sockets, wss) => {
  const server = createServer(express())
  serveSockets(sockets, { server, wss })
  return (await runningHost(server.listen(0, "127.0.0.1"), [])).port ?? 0
}

socketBehaviours("serveSockets() of @mortise/express", startExpress)

test("other paths are other listeners'; when it is told to stop, nobody opens any more", async () => {
  const server = createServer()
  const paths: (string | undefined)[] = []
  server.on("upgrade", (req, socket) => {
    paths.push(req.url)
    if (!req.url?.startsWith("/ws?")) socket.end("HTTP/1.1 418 \r\ncontent-length: 0\r\n\r\n")
  })
  let stop = (): void => {}
  const host = await socketServer(async (sockets, wss) => {
    stop = serveSockets(sockets, { server, wss, address: () => "203.0.113.7" })
    return (await runningHost(server.listen(0, "127.0.0.1"), [])).port ?? 0
  })
  for (const path of ["/other", "/%77s", "/ws/", "//ws", "/WS"]) {
    await expect(host.connect({}, path).opened).rejects.toThrow("refused 418")
  }
  const mine = host.connect({}, "/ws?room=1")
  await mine.opened
  mine.say("x")
  await mine.closed
  expect(host.events.at(-1)).toMatchObject({ type: "socket.refused", address: "203.0.113.7" })
  stop()
  expect(server.listenerCount("upgrade")).toBe(1)
  expect(paths.at(-1)).toBe("/ws?room=1")
})

test("refused at construction: a server of ws without a bound", async () => {
  const host = await socketServer(startExpress)
  const server = createServer()
  onTestFinished(() => void server.close())
  for (const maxPayload of [undefined, 0, 65_537, 104_857_600]) {
    const wss = new WebSocketServer({ noServer: true, ...(maxPayload !== undefined && { maxPayload }) })
    expect(() => serveSockets(host.sockets, { server, wss })).toThrow("maxPayload: sockets.maxBytes")
  }
  expect(server.listenerCount("upgrade")).toBe(0)
})
