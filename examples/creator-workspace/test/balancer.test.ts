import { createServer, type RequestListener, type Server } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { afterEach, describe, expect, test } from "vitest"
import { createBalancer } from "../src/balancer/balancer.js"
import { upstream } from "../src/balancer/upstream.js"

const open: Server[] = []

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function listen(server: Server): Promise<number> {
  open.push(server)
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  return (server.address() as AddressInfo).port
}

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((closed) => server.close(closed))
  return port
}

async function balance(...ports: number[]): Promise<string> {
  return `http://127.0.0.1:${await listen(createBalancer(ports.map(upstream)))}`
}

function answering(name: string): RequestListener {
  return async (req, res) => {
    let body = ""
    for await (const chunk of req) body += chunk
    res.setHeader("x-seen", JSON.stringify(req.headers)).end(`${name} ${req.method} ${body}`)
  }
}

/** Takes the request, body and all, and dies. */
function dying(seen: string[]): RequestListener {
  return async (req) => {
    for await (const chunk of req) seen.push(String(chunk))
    seen.push(req.method ?? "")
    req.socket.destroy()
  }
}

async function textOf(response: Promise<Response>): Promise<string> {
  return (await response).text()
}

describe("a server that is not there", () => {
  test("fails no request of any kind", async () => {
    const url = await balance(await deadPort(), await listen(createServer(answering("B"))))
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await textOf(fetch(url))).toBe("B GET ")
      expect(await textOf(fetch(url, { method: "POST", body: "x".repeat(200_000) }))).toBe(
        `B POST ${"x".repeat(200_000)}`,
      )
    }
  })

  test("is 503 when there is no other", async () => {
    const url = await balance(await deadPort(), await deadPort())
    expect((await fetch(url)).status).toBe(503)
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(503)
  })
})

describe("a server that dies over a request", () => {
  test("fails no reading", async () => {
    const seen: string[] = []
    const url = await balance(
      await listen(createServer(dying(seen))),
      await listen(createServer(answering("B"))),
    )
    expect(await textOf(fetch(url))).toBe("B GET ")
    expect(seen).toEqual(["GET"])
  })

  test("fails a change, which is never made twice", async () => {
    const seen: string[] = []
    const server = createServer(dying(seen))
    const url = await balance(await listen(server), await listen(createServer(dying(seen))))
    expect((await fetch(url, { method: "POST", body: "pay" })).status).toBe(502)
    expect(seen).toEqual(["pay", "POST"])
  })

  test("is left alone for a while", async () => {
    const seen: string[] = []
    const url = await balance(
      await listen(createServer(dying(seen))),
      await listen(createServer(answering("B"))),
    )
    for (let turn = 0; turn < 6; turn += 1) await textOf(fetch(url))
    expect(seen).toEqual(["GET"])
  })
})

test("requests are dealt out in turn", async () => {
  const url = await balance(
    await listen(createServer(answering("A"))),
    await listen(createServer(answering("B"))),
  )
  const answers = []
  for (let turn = 0; turn < 4; turn += 1) answers.push(await textOf(fetch(url)))
  expect(answers).toEqual(["A GET ", "B GET ", "A GET ", "B GET "])
})

test("the client's address is what the balancer sees, and what belongs to a connection stays on it", async () => {
  const url = new URL(await balance(await listen(createServer(answering("A")))))
  const answer = await raw(Number(url.port), [
    "GET / HTTP/1.1",
    "Host: app.example",
    "X-Forwarded-For: 203.0.113.9",
    "X-Secret-Hop: 1",
    "Connection: close, X-Secret-Hop",
    "",
    "",
  ])
  const seen = JSON.parse(/^x-seen: (.*)$/im.exec(answer)?.[1] ?? "{}")
  expect(seen).toMatchObject({ host: "app.example", "x-forwarded-for": "127.0.0.1" })
  expect(seen).not.toHaveProperty("x-secret-hop")
})

test("several cookies stay several headers", async () => {
  const url = await balance(
    await listen(createServer((_req, res) => res.setHeader("set-cookie", ["a=1", "b=2"]).end())),
  )
  expect((await fetch(url)).headers.getSetCookie()).toEqual(["a=1", "b=2"])
})

function raw(port: number, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ""
    const socket = connect(port, "127.0.0.1", () => socket.write(lines.join("\r\n")))
    socket
      .on("data", (data) => {
        answer += data
      })
      .on("error", reject)
      .on("close", () => resolve(answer))
  })
}
