import { Agent } from "node:http"
import type { Answer } from "@mortise/core"
import { type ErrorRequestHandler, type RequestHandler, Router } from "express"
import { describe, expect, test } from "vitest"
import { ada, fixtureAuth } from "../../hono/test/behaviours/fixture-auth.js"
import { cookiesOf, get, postJson } from "../../hono/test/behaviours/requests.js"
import { sendOverHttp } from "../../hono/test/behaviours/wire.js"
import { contextOf, mortise, requireSession } from "../src/index.js"
import { expresses, listen } from "./express-host.js"

describe.each(expresses)("%s", (_, create) => {
  test("what a middleware rewrites in req.url changes neither the library's routes nor the way back", async () => {
    const { auth, steps } = fixtureAuth()
    await steps.register(ada)
    const app = create()
    app.use((req, _res, next) => {
      if (req.url === "/alias") req.url = "/auth/login"
      if (req.url.startsWith("/auth/")) req.url = "/elsewhere"
      if (req.url === "/pretty") req.url = "/me"
      next()
    })
    app.use(mortise(auth))
    app.get("/me", requireSession(), (_req, res) => void res.end())
    const { send } = await listen(app)
    expect((await send(postJson("/alias", ada))).status).toBe(404)
    expect((await send(postJson("/auth/login", ada))).status).toBe(200)
    const asked = await send({ target: "/pretty", headers: { accept: "text/html" } })
    expect(asked.headers.get("location")).toBe("/sign-in?return_to=%2Fpretty")
  })

  test.each(["/auth/./login", "/auth/x/../login", "/auth/%2e/login", "/auth/x\\..\\login", "/auth/login#x"])(
    "%s, which a URL parser would take for the login, is not it: the host's limits on /auth/login never saw it",
    async (target) => {
      const { auth, calls, steps } = fixtureAuth()
      await steps.register(ada)
      const app = create()
      app.use(mortise(auth))
      const { send } = await listen(app)
      const before = calls.length
      expect((await send(postJson(target, ada))).status).toBe(404)
      expect(calls).toHaveLength(before)
    },
  )

  test("mounted on a router it loads sessions there, guards see it, and routes are those of the whole path", async () => {
    const { auth, signedIn } = fixtureAuth({ basePath: "/team/auth" })
    const app = create()
    const team = Router()
    team.use(mortise(auth))
    team.get("/me", requireSession(), (req, res) => void res.json(req.auth?.userId))
    app.use("/team", team)
    app.get("/outside", (req, res) => void res.json(req.auth === undefined))
    const { send } = await listen(app)
    const cookie = await signedIn()
    expect((await send(get("/team/me", { cookie }))).status).toBe(200)
    expect((await send(get("/team/auth/session", { cookie }))).text).toContain(ada.email)
    expect((await send(get("/TEAM/me"))).status).toBe(401)
    expect((await send(get("/outside", { cookie }))).text).toBe("true")
  })

  test("a guard believes what was loaded, not what another middleware wrote into req.auth", async () => {
    const { auth } = fixtureAuth()
    const app = create()
    app.use(mortise(auth))
    app.use((req, _res, next) => {
      Object.assign(req, { auth: { userId: "forged", realm: "default", claims: {} } })
      next()
    })
    app.get("/me", requireSession(), (_req, res) => void res.end())
    const { send } = await listen(app)
    expect((await send(get("/me"))).status).toBe(401)
  })

  test("what another middleware wrote into req.auth before mortise() does not stand for who was found", async () => {
    const { auth, signedIn } = fixtureAuth()
    const app = create()
    app.get("/me", mortise(auth), (req, res) => void res.json(req.auth?.realm ?? null))
    const write: RequestHandler = (req, _res, next) => {
      Object.assign(req, { auth: { userId: "eve", realm: "forged", claims: {} } })
      next()
    }
    app.use(write, mortise(auth))
    app.get("/written", (req, res) => void res.json(req.auth?.realm ?? null))
    const { send } = await listen(app)
    const cookie = await signedIn()
    for (const _ of ["first", "again"]) {
      expect((await send(get("/written"))).text).toBe("null")
      expect((await send(get("/written", { cookie }))).text).toBe('"default"')
      expect((await send(get("/me"))).text).toBe("null")
    }
  })

  test("what a host copies into res.locals makes nobody a user, and a template that prints them prints no session", async () => {
    const { auth, signedIn } = fixtureAuth()
    const app = create()
    app.use(mortise(auth))
    app.get("/printed", (_req, res) => void res.json(res.locals))
    app.use((_req, res, next) => {
      Object.assign(res.locals, { mortise: { all: [], innermost: { principal: { userId: "eve" } } } })
      next()
    })
    app.get("/copied", (req, res) => void res.json(req.auth))
    app.get("/guarded", requireSession(), (_req, res) => void res.end())
    app.use((_req, res, next) => {
      res.locals = {}
      next()
    })
    app.get("/replaced", (req, res) => void res.json(req.auth ?? null))
    app.get("/replaced/guarded", requireSession(), (_req, res) => void res.end())
    const { send } = await listen(app)
    const cookie = await signedIn()
    expect((await send(get("/printed", { cookie }))).text).toBe("{}")
    expect((await send(get("/copied"))).text).toBe("null")
    expect((await send(get("/guarded"))).status).toBe(401)
    expect((await send(get("/guarded", { cookie }))).status).toBe(200)
    expect((await send(get("/replaced", { cookie }))).text).toBe("null")
    expect((await send(get("/replaced/guarded", { cookie }))).status).toBe(500)
  })

  test("a rule sees the path that was routed, though the client put a host before it", async () => {
    const { auth, steps, signedIn } = fixtureAuth()
    await steps.register(ada)
    const seen: string[] = []
    const app = create()
    app.use(mortise(auth))
    app.get(
      "/admin",
      requireSession((_principal, { target }) => seen.push(target) > 0),
      (_req, res) => void res.end(),
    )
    const { send } = await listen(app)
    const cookie = await signedIn()
    for (const origin of ["", "http://evil.example", "HTTPS://evil.example:8443"]) {
      expect((await send(get(`${origin}/admin?x`, { cookie }))).status).toBe(200)
      expect((await send(postJson(`${origin}/auth/login`, ada))).status).toBe(200)
    }
    expect(seen).toEqual(["/admin?x", "/admin?x", "/admin?x"])
    // Express takes this for the path /;/auth/login, which the host's limits on /auth/login do not count.
    expect((await send(postJson("http://evil.example;/auth/login", ada))).status).toBe(404)
  })

  test("requireSession without its brackets lets nobody in", async () => {
    const { auth, signedIn } = fixtureAuth()
    const app = create()
    app.use(mortise(auth))
    app.use(requireSession as unknown as RequestHandler)
    app.get("/me", (_req, res) => void res.end("let in"))
    const { send, errors } = await listen(app)
    expect((await send(get("/me", { cookie: await signedIn() }))).status).toBe(500)
    expect(errors.map((error) => error.message)).toEqual([
      expect.stringContaining("requireSession(rule): no function."),
    ])
  })

  test("what a handler throws behind it reaches the host's error handler once", async () => {
    const { auth, signedIn } = fixtureAuth()
    const app = create()
    app.use(mortise(auth))
    app.get("/throws", requireSession(), () => {
      throw new Error("of the host")
    })
    const seen: unknown[] = []
    const see: ErrorRequestHandler = (error, _req, _res, next) => {
      seen.push(error.message)
      next(error)
    }
    app.use(see)
    const { send } = await listen(app)
    const reply = await send(get("/throws", { cookie: await signedIn() }))
    expect([reply.status, reply.text, seen]).toEqual([500, "host error", ["of the host"]])
  })

  test("a log that fails is the host's error, not a crash and not an answer", async () => {
    const { auth, breakStores, signedIn } = fixtureAuth()
    const cookie = await signedIn()
    breakStores()
    const app = create()
    const broken = {
      ...auth,
      answerFault(): never {
        throw new Error("log is full")
      },
    }
    app.use(mortise(broken))
    app.get("/me", (_req, res) => void res.end("let in"))
    const { send, errors } = await listen(app)
    expect((await send(get("/me", { cookie }))).text).toBe("host error")
    expect(errors.map((error) => error.message)).toEqual(["log is full"])
  })

  test("an answer that the host gave meanwhile stands", async () => {
    const { auth } = fixtureAuth()
    const slow = {
      ...auth,
      async answer(): Promise<Answer> {
        await new Promise((resolve) => setTimeout(resolve, 50))
        return { status: 200, headers: [["set-cookie", "late=1"]], body: "late" }
      },
    }
    const app = create()
    app.use((_req, res, next) => {
      setTimeout(() => res.status(503).end("timed out"), 10)
      next()
    })
    app.use(mortise(slow))
    const { send, errors } = await listen(app)
    const reply = await send(get("/auth/session"))
    expect([reply.status, reply.text, cookiesOf(reply)]).toEqual([503, "timed out", ""])
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(errors).toEqual([])
  })

  test("a body that is too large leaves the connection usable for the next request", async () => {
    const { auth } = fixtureAuth()
    const app = create()
    app.use(mortise(auth))
    const { port = 0 } = await listen(app)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const large = postJson("/auth/login", { password: "x".repeat(4 * 1024 * 1024) }, headers)
      expect((await sendOverHttp(port, large, agent)).status).toBe(413)
      expect((await sendOverHttp(port, { target: "/auth/session" }, agent)).status).toBe(200)
    }
    agent.destroy()
  })

  test("contextOf() carries address, agent and token of the innermost realm, and needs mortise()", async () => {
    const { auth, signedIn } = fixtureAuth()
    const app = create()
    app.get("/before", (req, res) => void res.json(contextOf(req)))
    app.use(mortise(auth))
    app.get("/context", (req, res) => void res.json(contextOf(req)))
    const { send, errors } = await listen(app)
    const cookie = await signedIn()
    expect(JSON.parse((await send(get("/context", { cookie, "user-agent": "Test/1" }))).text)).toEqual({
      address: "127.0.0.1",
      userAgent: "Test/1",
      token: cookie.slice(cookie.indexOf("=") + 1),
      request: expect.objectContaining({ method: "GET", target: "/context" }),
    })
    expect((await send(get("/before"))).status).toBe(500)
    expect(errors[0]?.message).toContain("contextOf(req) found no mortise() before it.")
  })
})
