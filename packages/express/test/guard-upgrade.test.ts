import { createServer } from "node:http"
import { type AddressInfo, connect } from "node:net"
import type { Duplex } from "node:stream"
import { StoreError } from "@mortise/core"
import { access, hasRole, not, type Rule } from "@mortise/core/guard"
import { afterEach, describe, expect, test } from "vitest"
import { type Shop, shop } from "../../core/test/realms/shop.js"
import { guardUpgrade } from "../src/index.js"

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const origin = "https://app.example.com"

/** A server that opens a WebSocket for whoever may, and says to whom. */
async function serverOf(
  host: Shop,
  rule?: Rule<never>,
): Promise<(headers: object, path?: string) => Promise<string>> {
  const server = createServer()
  server.on("upgrade", async (req, socket: Duplex) => {
    const storeCode = /^\/store\/([^/]+)\/live$/.exec(req.url ?? "")?.[1]
    const params = storeCode === undefined ? {} : { storeCode }
    const principal = await guardUpgrade(host.site, rule as Rule<object>, { req, socket }, { params })
    if (!principal) return
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nx-realm: ${principal.realm}\r\n\r\n`,
    )
  })
  server.listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return (headers, path = "/store/ACME/live") => ask(port, path, headers)
}

function ask(port: number, path: string, headers: object): Promise<string> {
  const lines = Object.entries({
    host: "app.example.com",
    upgrade: "websocket",
    connection: "Upgrade",
    ...headers,
  })
  return new Promise((resolve, reject) => {
    let text = ""
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
      )
    })
    socket.on("data", (chunk) => {
      text += chunk
    })
    socket.on("end", () => resolve(text)).on("error", reject)
  })
}

function statusOf(text: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])
}

describe("a WebSocket's upgrade", () => {
  test("opens for the realm's own user, from its own pages by cookie, from anywhere by header", async () => {
    const host = await shop()
    const { bearer, cookie } = await host.signIn("store", "store")
    const send = await serverOf(host)
    const opened = await send({ ...cookie, origin })
    expect(statusOf(opened)).toBe(101)
    expect(opened).toContain("x-realm: store")
    expect(statusOf(await send(bearer))).toBe(101)
    expect(statusOf(await send({ ...bearer, origin: "https://partner.example" }))).toBe(101)
  })

  test.each([
    ["a page of another site", { origin: "https://evil.example" }],
    ["a page that hides where it is from", { origin: "null" }],
    ["a neighbour's subdomain", { origin: "https://blog.example.com", "sec-fetch-site": "same-site" }],
  ])("is refused to %s, with the cookie", async (_, headers) => {
    const host = await shop()
    const { cookie } = await host.signIn("store", "store")
    const answer = await (await serverOf(host))({ ...cookie, ...headers })
    expect(statusOf(answer)).toBe(403)
    expect(answer).toContain("connection: close")
  })

  test("is refused to nobody with the realm's own words", async () => {
    const answer = await (await serverOf(await shop()))({ origin })
    expect(statusOf(answer)).toBe(401)
    expect(answer).toContain("Store authentication required")
  })

  test("another realm's user is refused as anywhere: 401 by cookie, 403 by header", async () => {
    const host = await shop()
    const { bearer, token } = await host.signIn("admin", "admin")
    const send = await serverOf(host)
    expect(statusOf(await send({ cookie: `store_token=${token}`, origin }))).toBe(401)
    const foreign = await send(bearer)
    expect(statusOf(foreign)).toBe(403)
    expect(foreign).toContain("Store access only - admins cannot use store portal")
  })

  test("the same rules as on a route, its parameters included", async () => {
    const host = await shop()
    const { cookie } = await host.signIn("store", "store")
    const send = await serverOf(
      host,
      access("storeCode", () => ["ACME"]),
    )
    expect(statusOf(await send({ ...cookie, origin }))).toBe(101)
    expect(statusOf(await send({ ...cookie, origin }, "/store/OTHER/live"))).toBe(403)
    const nobody = await serverOf(host, not(hasRole("store")))
    expect(statusOf(await nobody({ ...cookie, origin }))).toBe(403)
  })

  test("a path outside of all areas, a misspelt one, and a store that is down", async () => {
    const host = await shop()
    const { cookie } = await host.signIn("store", "store")
    const send = await serverOf(host)
    expect(statusOf(await send({ ...cookie, origin }, "/elsewhere"))).toBe(404)
    expect(statusOf(await send({ ...cookie, origin }, "/%73tore/ACME/live"))).toBe(404)
    const down = await serverOf(host, () => {
      throw new StoreError("sessions", new Error("down"))
    })
    expect(statusOf(await down({ ...cookie, origin }))).toBe(503)
  })
})
