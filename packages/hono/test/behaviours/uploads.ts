import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { ada, fixtureAuth } from "./fixture-auth.js"
import type { Host } from "./host.js"
import { postForm, postJson, reasonOf } from "./requests.js"

const mebibyte = 1024 * 1024

/** Bodies that are too large, malformed, or never arrive. */
export function uploads(host: Host): void {
  describe("a body", () => {
    test.each([
      ["JSON of 1 MiB", postJson("/auth/login", { ...ada, password: "x".repeat(mebibyte) })],
      ["a form of 1 MiB", postForm("/auth/login", { ...ada, password: "x".repeat(mebibyte) })],
      ["1 MiB of no type", { method: "POST", target: "/auth/login", body: "x".repeat(mebibyte) }],
      ["one byte over the limit", postJson("/auth/login", { password: "x".repeat(16_384 - 14) })],
    ])("of %s is too large", async (_, sent) => {
      const { auth } = fixtureAuth()
      const { send } = await host.start([{ use: "mortise", auth }])
      for (const chunked of [false, true]) {
        const headers: Record<string, string> = chunked ? { "transfer-encoding": "chunked" } : {}
        const reply = await send({
          ...sent,
          headers: { accept: "application/json", ...sent.headers, ...headers },
        })
        expect(reply.status).toBe(413)
      }
    })

    test("at the limit is read whole", async () => {
      const { auth } = fixtureAuth()
      const { send } = await host.start([{ use: "mortise", auth }])
      const sent = postJson("/auth/login", { ...ada, padding: "" })
      const missing = 16_384 - (sent.body?.length ?? 0)
      const reply = await send(postJson("/auth/login", { ...ada, padding: "x".repeat(missing) }))
      expect(reasonOf(reply)).toBe("invalid_credentials")
    })

    test.each([
      ["broken JSON", "application/json", "{", 400],
      ["JSON that is no object", "application/json", "[]", 400],
      ["JSON null", "application/json", "null", 400],
      ["a doubled field", "application/x-www-form-urlencoded", "email=a&email=b&password=c", 400],
      ["text", "text/plain", JSON.stringify(ada), 415],
      ["multipart", "multipart/form-data; boundary=x", "--x--", 415],
      ["XML", "application/xml", "<a/>", 415],
      ["an empty type", "", JSON.stringify(ada), 415],
    ])("of %s is refused", async (_, type, body, status) => {
      const { auth, faults, steps } = fixtureAuth()
      await steps.register(ada)
      const { send, errors } = await host.start([{ use: "mortise", auth }])
      const headers = { accept: "application/json", "content-type": type }
      expect((await send({ method: "POST", target: "/auth/login", headers, body })).status).toBe(status)
      expect([faults, errors]).toEqual([[], []])
    })

    test("that breaks off is nobody's sign-in and hurts nobody else", async () => {
      const { auth, events, faults, steps } = fixtureAuth()
      await steps.register(ada)
      const { port, send, errors } = await host.start([{ use: "mortise", auth }])
      if (port === undefined) return
      const { body = "" } = postForm("/auth/login", ada)
      const form =
        "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      for (const head of [`Content-Length: ${body.length + 5}`, "Transfer-Encoding: chunked"]) {
        const chunk = head.startsWith("Content") ? body : `${body.length.toString(16)}\r\n${body}\r\n`
        const socket = connect(port, "127.0.0.1")
        socket.on("error", () => {})
        socket.write(`${form}${head}\r\n\r\n${chunk}`)
        await sleep(50)
        socket.resetAndDestroy()
      }
      await sleep(50)
      expect((await send(postJson("/auth/login", ada))).status).toBe(200)
      expect(events.filter((event) => event.type.startsWith("sign_in."))).toHaveLength(1)
      expect([faults, errors]).toEqual([[], []])
    })
  })
}
