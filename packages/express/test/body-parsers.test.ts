import { once } from "node:events"
import { request } from "node:http"
import express, { type RequestHandler } from "express"
import { describe, expect, test } from "vitest"
import { ada, fixtureAuth } from "../../hono/test/behaviours/fixture-auth.js"
import type { RunningHost } from "../../hono/test/behaviours/host.js"
import { cookiesOf, postForm, postJson } from "../../hono/test/behaviours/requests.js"
import { mortise } from "../src/index.js"
import { expresses, listen } from "./express-host.js"

/** Reads the whole stream, and leaves of it whatever `keep` makes of the text. */
function consumer(keep: (text: string) => unknown): RequestHandler {
  return async function consume(req, _res, next) {
    const chunks: Uint8Array[] = []
    for await (const chunk of req) chunks.push(chunk)
    req.body = keep(Buffer.concat(chunks).toString())
    next()
  }
}

const any = { type: () => true }
const parsers: readonly (readonly [string, readonly RequestHandler[]])[] = [
  ["none", []],
  ["json", [express.json()]],
  ["json of every type, not strict", [express.json({ type: "application/json", strict: false })]],
  ["urlencoded, extended", [express.urlencoded({ extended: true })]],
  ["urlencoded, simple", [express.urlencoded({ extended: false })]],
  ["json and urlencoded", [express.json(), express.urlencoded({ extended: true })]],
  ["text of every type", [express.text(any)]],
  ["raw of every type", [express.raw(any)]],
  ["text of its own type", [express.text()]],
  [
    "all of them",
    [express.json(), express.urlencoded({ extended: true }), express.text(any), express.raw(any)],
  ],
  ["one of the host's that leaves text", [consumer((text) => text)]],
  ["one of the host's that leaves bytes", [consumer((text) => new TextEncoder().encode(text))]],
]

/** Both versions, each with these middlewares before mortise(). */
async function withParsers(
  before: readonly RequestHandler[],
  use: (running: RunningHost, fixture: ReturnType<typeof fixtureAuth>) => Promise<void>,
): Promise<void> {
  for (const [, create] of expresses) {
    const fixture = fixtureAuth()
    await fixture.steps.register(ada)
    const app = create()
    for (const middleware of before) app.use(middleware)
    app.use(mortise(fixture.auth))
    await use(await listen(app), fixture)
  }
}

describe.each(parsers)("behind a body parser: %s", (_, before) => {
  test("JSON and forms sign in, sign out, and are refused as they are without one", async () => {
    await withParsers(before, async ({ send, errors }, { faults }) => {
      const json = await send(postJson("/auth/login", ada))
      expect([json.status, cookiesOf(json).slice(0, 15)]).toEqual([200, "__Host-session="])
      const form = await send(postForm("/auth/login", { ...ada, return_to: "/me?a=1&b=%20" }))
      expect([form.status, form.headers.get("location")]).toEqual([303, "/me?a=1&b=%20"])
      const cookie = cookiesOf(form)
      const logout = await send({ method: "POST", target: "/auth/logout", headers: { cookie } })
      expect([logout.status, cookiesOf(logout)]).toEqual([200, "__Host-session="])
      expect((await send(postForm("/auth/logout", {}))).status).toBe(303)

      const headers = { "content-type": "application/x-www-form-urlencoded" }
      for (const body of [
        "email=a@example.com&email=ada@example.com&password=correct+horse+battery+staple",
        "email[x]=ada@example.com&password=correct+horse+battery+staple",
        "password=correct+horse+battery+staple",
      ]) {
        const refused = await send({ method: "POST", target: "/auth/login", headers, body })
        expect([body, refused.status, refused.headers.get("location") ?? "", cookiesOf(refused)]).toEqual([
          body,
          expect.toBeOneOf([303, 400]),
          expect.toBeOneOf(["", "/sign-in?error=invalid_request"]),
          "",
        ])
      }
      for (const value of [{}, [], { email: [ada.email], password: ada.password }, { ...ada, password: 1 }]) {
        expect((await send(postJson("/auth/login", value))).status).toBe(400)
      }
      const mistyped = { "content-type": "text/plain" }
      expect((await send(postJson("/auth/login", ada, mistyped))).status).toBe(415)
      expect([faults, errors]).toEqual([[], []])
    })
  })

  test("more than the library's limit is too large, whatever the parser lets through", async () => {
    await withParsers(before, async ({ send, errors }) => {
      const large = { ...ada, padding: "x".repeat(20_000) }
      for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
        expect((await send(postJson("/auth/login", large, headers))).status).toBe(413)
        expect((await send(postForm("/auth/login", large, headers))).status).toBe(413)
      }
      expect(errors).toEqual([])
    })
  })
})

test("letters beyond ASCII come through every parser", async () => {
  for (const [, before] of parsers) {
    await withParsers(before, async ({ send }, { steps }) => {
      const user = { email: "bo@example.com", password: "pä55 & wörd=mit+Zeichen%20" }
      await steps.register(user)
      expect((await send(postJson("/auth/login", user))).status).toBe(200)
      expect((await send(postForm("/auth/login", user))).headers.get("location")).toBe("/")
    })
  }
})

test("what a parser refuses is the host's to answer", async () => {
  await withParsers([express.json()], async ({ send, errors }) => {
    const broken = { ...postJson("/auth/login", ada), body: "{" }
    expect((await send(broken)).text).toBe("host error")
    expect(errors[0]).toBeInstanceOf(SyntaxError)
  })
})

test("a body that was read and thrown away is a fault that says what to write, and nobody signs in", async () => {
  for (const left of [undefined, null, true, 42]) {
    await withParsers([consumer(() => left)], async ({ send, errors }, { faults }) => {
      const reply = await send(postJson("/auth/login", ada))
      expect([reply.status, cookiesOf(reply)]).toEqual([500, ""])
      expect(reply.text).not.toContain("Mount")
      expect(faults.map(String)).toEqual([
        "Error: The body was read and is not in req.body. Mount mortise(auth) above what reads it.",
      ])
      expect((await send({ method: "POST", target: "/auth/logout" })).status).toBe(200)
      expect(errors).toEqual([])
    })
  }
})

test("JSON that is nested too deeply to be written out again is the client's doing, no fault", async () => {
  await withParsers([express.json()], async ({ send }, { faults }) => {
    const headers = { "transfer-encoding": "chunked" }
    const deep = { ...postJson("/auth/login", ada, headers), body: "[".repeat(40_000) + "]".repeat(40_000) }
    const reply = await send(deep)
    expect([reply.status, faults]).toEqual([400, []])
  })
})

test("a body that another middleware is still reading is not read twice", async () => {
  const peek: RequestHandler = (req, _res, next) => {
    req.on("data", () => {})
    setTimeout(next, 20)
  }
  await withParsers([peek], async ({ send }, { faults }) => {
    expect((await send(postJson("/auth/login", ada))).status).toBe(500)
    expect(faults).toHaveLength(1)
  })
})

test("half of a body, the other half of which another middleware took, is nobody's sign-in", async () => {
  const takeFirst: RequestHandler = (req, _res, next) => {
    req.once("data", () => {
      req.pause()
      next()
    })
  }
  await withParsers([takeFirst], async ({ port }, { faults }) => {
    const form = "application/x-www-form-urlencoded"
    const outgoing = request({ port, method: "POST", path: "/auth/login", headers: { "content-type": form } })
    outgoing.write("email=somebody@example.com&ignored=1")
    setTimeout(() => outgoing.end(`&email=${ada.email}&password=${encodeURIComponent(ada.password)}`), 30)
    const [incoming] = await once(outgoing, "response")
    expect([incoming.statusCode, incoming.headers["set-cookie"]]).toEqual([500, undefined])
    expect(faults).toHaveLength(1)
  })
})
