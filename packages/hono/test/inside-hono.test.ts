import { Hono, type MiddlewareHandler } from "hono"
import { bodyLimit } from "hono/body-limit"
import { compress } from "hono/compress"
import { setCookie } from "hono/cookie"
import { cors } from "hono/cors"
import { etag } from "hono/etag"
import { secureHeaders } from "hono/secure-headers"
import { validator } from "hono/validator"
import { describe, expect, test } from "vitest"
import { contextOf, type MortiseEnv, mortise, requireSession } from "../src/index.js"
import { ada, fixtureAuth } from "./behaviours/fixture-auth.js"
import { cookiesOf, get, postForm, postJson } from "./behaviours/requests.js"
import { serveOnNode } from "./hono-hosts.js"

const readers: readonly (readonly [string, MiddlewareHandler])[] = [
  [
    "c.req.text()",
    async (c, next) => {
      await c.req.text()
      await next()
    },
  ],
  [
    "c.req.arrayBuffer()",
    async (c, next) => {
      await c.req.arrayBuffer()
      await next()
    },
  ],
  [
    "c.req.blob()",
    async (c, next) => {
      await c.req.blob()
      await next()
    },
  ],
  [
    "c.req.json()",
    async (c, next) => {
      await c.req.json().catch(() => {})
      await next()
    },
  ],
  [
    "c.req.parseBody()",
    async (c, next) => {
      await c.req.parseBody()
      await next()
    },
  ],
  [
    "c.req.formData()",
    async (c, next) => {
      await c.req.formData().catch(() => {})
      await next()
    },
  ],
  ["a validator of forms", validator("form", (value) => value)],
  ["a body limit", bodyLimit({ maxSize: 1_000_000 })],
  [
    "a clone",
    async (c, next) => {
      await c.req.raw.clone().text()
      await next()
    },
  ],
]

describe.each(readers)("a body that was read by %s", (name, reader) => {
  test("signs in by JSON and by form, and keeps the limit", async () => {
    const { auth, faults, steps } = fixtureAuth()
    await steps.register(ada)
    const app = new Hono()
    app.use(reader)
    app.use(mortise(auth))
    const { send } = await serveOnNode(app as unknown as Hono<MortiseEnv>)
    const form = await send(postForm("/auth/login", ada))
    expect([form.status, form.headers.get("location")]).toEqual([303, "/"])
    if (!name.includes("orm")) {
      expect((await send(postJson("/auth/login", ada))).status).toBe(200)
    }
    const doubled = { ...postForm("/auth/login", ada), body: "email=a&email=b&password=c" }
    expect((await send(doubled)).status).toBe(400)
    const large = postForm("/auth/login", { ...ada, padding: "x".repeat(20_000) })
    expect((await send(large)).status).toBe(413)
    expect(faults).toEqual([])
  })
})

test("a body read from c.req.raw itself is a fault that says what to write, and nobody signs in", async () => {
  const { auth, faults } = fixtureAuth()
  const app = new Hono<MortiseEnv>()
  app.use(async (c, next) => {
    await c.req.raw.text()
    await next()
  })
  app.use(mortise(auth))
  const { send } = await serveOnNode(app)
  const reply = await send(postJson("/auth/login", ada))
  expect([reply.status, cookiesOf(reply)]).toEqual([500, ""])
  expect(faults.map(String)).toEqual([
    expect.stringContaining("Read it with c.req.json() or c.req.parseBody()."),
  ])
})

describe("beside other middleware", () => {
  const touching: MiddlewareHandler = async (c, next) => {
    c.res.headers.set("x-touched", "yes")
    c.res.headers.set("cache-control", "public")
    setCookie(c, "lang", "de")
    await next()
  }

  test.each([
    ["cors", [cors({ origin: "https://front.example.com", credentials: true })]],
    ["secureHeaders, compress, etag", [secureHeaders(), compress(), etag()]],
    ["one that touches c.res early", [touching]],
    ["all", [cors(), touching, secureHeaders(), compress(), etag()]],
  ])("the session cookie and no-store survive: %s", async (_, before) => {
    const { auth, steps } = fixtureAuth()
    await steps.register(ada)
    const app = new Hono<MortiseEnv>()
    for (const middleware of before) app.use(middleware)
    app.use(mortise(auth))
    app.get("/me", requireSession(), (c) => c.json(c.var.auth.userId))
    const { send } = await serveOnNode(app)
    for (const sent of [postJson("/auth/login", ada), postForm("/auth/login", ada)]) {
      const reply = await send(sent)
      expect(
        reply.headers.getSetCookie().filter((cookie) => cookie.startsWith("__Host-session=")),
      ).toHaveLength(1)
      expect(reply.headers.get("cache-control")).toBe("no-store")
      expect((await send(get("/me", { cookie: cookiesOf(reply) }))).status).toBe(200)
    }
    const refused = await send(get("/me"))
    expect([refused.status, refused.headers.get("cache-control")]).toEqual([401, "no-store"])
    expect(refused.headers.get("content-type")).toBe("application/problem+json")
  })

  test("cookies of a renewed session are on a Response of the handler's own, and on errors", async () => {
    const { auth } = fixtureAuth()
    const app = new Hono<MortiseEnv>()
    app.use(
      mortise({
        ...auth,
        authenticate: async () => ({ principal: undefined, setCookie: ["a=1", "b=2"] }),
      }),
    )
    app.get("/own", () => new Response("own", { headers: { "set-cookie": "c=3" } }))
    app.get("/redirect", () => Response.redirect("https://app.example.com/"))
    app.get("/throws", () => {
      throw new Error("of the host")
    })
    app.onError((_error, c) => c.text("host error", 500))
    expect((await app.request("/own")).headers.getSetCookie()).toEqual(["c=3", "a=1", "b=2"])
    expect((await app.request("/redirect")).headers.getSetCookie()).toEqual(["a=1", "b=2"])
    expect((await app.request("/throws")).headers.getSetCookie()).toEqual(["a=1", "b=2"])
  })

  test("a guard believes what was loaded, not what another middleware set as auth", async () => {
    const { auth } = fixtureAuth()
    const app = new Hono()
    app.use(mortise(auth))
    app.use(async (c, next) => {
      Object.assign(c, { auth: { userId: "forged" } })
      c.set("auth" as never, { userId: "forged", realm: "default", claims: {} } as never)
      await next()
    })
    app.get("/me", requireSession(), (c) => c.text("let in"))
    expect((await app.request("/me")).status).toBe(401)
  })
})

test("requireSession without its brackets lets nobody in", async () => {
  const { auth, signedIn } = fixtureAuth()
  const app = new Hono()
  app.use(mortise(auth))
  app.get("/me", requireSession as unknown as MiddlewareHandler, (c) => c.text("let in"))
  app.onError((error, c) => c.text(error.message, 500))
  const reply = await app.request("/me", { headers: { cookie: await signedIn() } })
  expect([reply.status, await reply.text()]).toEqual([
    500,
    expect.stringContaining("requireSession(rule): no function."),
  ])
})

describe("an application of several", () => {
  test("a sub-application has its realm, wherever it is added, and whatever its error handler is", async () => {
    const shop = fixtureAuth({ realm: "store" })
    const back = fixtureAuth({ realm: "admin", basePath: "/admin/auth" })
    const admin = new Hono<MortiseEnv<typeof back.auth>>()
    admin.use(mortise(back.auth))
    admin.get("/stats", requireSession(), (c) => c.json(c.var.auth.realm))
    admin.onError((_error, c) => c.text("admin error", 500))
    const customer = await shop.signedIn()
    const clerk = await back.signedIn()
    for (const order of ["before", "after"]) {
      const app = new Hono()
      if (order === "before") app.route("/admin", admin)
      app.use(mortise(shop.auth))
      if (order === "after") app.route("/admin", admin)
      app.get("/admin/late", requireSession(), (c) => c.json(c.get("auth" as never)))
      expect((await app.request("/admin/stats", { headers: { cookie: customer } })).status).toBe(401)
      expect(await (await app.request("/admin/stats", { headers: { cookie: clerk } })).json()).toBe("admin")
      expect((await app.request("/admin/late", { headers: { cookie: customer } })).status).toBe(401)
      expect(await (await app.request("/admin/late", { headers: { cookie: clerk } })).json()).toMatchObject({
        realm: "admin",
      })
      expect((await app.request("/admin/auth/session", { headers: { cookie: clerk } })).status).toBe(200)
    }
  })

  test.each(["/:a/:b/*", "/:rest{.+/.+/.+}", "*"])(
    "a realm at the pattern %s is inside of no other",
    async (pattern) => {
      const shop = fixtureAuth({ realm: "store" })
      const back = fixtureAuth({ realm: "admin", basePath: "/admin/auth" })
      const customer = await shop.signedIn()
      for (const order of ["shop first", "admin first"]) {
        const app = new Hono()
        if (order === "shop first") app.use(pattern, mortise(shop.auth))
        app.use("/admin/*", mortise(back.auth))
        if (order === "admin first") app.use(pattern, mortise(shop.auth))
        app.get("/admin/users/:id", requireSession(), (c) => c.json(1))
        expect((await app.request("/admin/users/1", { headers: { cookie: customer } })).status).toBe(401)
      }
    },
  )

  test("the address is found where another server wraps the bindings, and nowhere is no fault", async () => {
    const { auth } = fixtureAuth()
    const app = new Hono()
    app.use(mortise(auth))
    app.get("/context", (c) => c.json(contextOf(c).address ?? null))
    const incoming = { socket: { remoteAddress: "::ffff:192.0.2.7" } }
    for (const [bindings, address] of [
      [{ incoming }, "192.0.2.7"],
      [{ server: { incoming } }, "192.0.2.7"],
      [{ incoming: {} }, ""],
      [{ incoming: "a secret of the host" }, ""],
      [{}, ""],
      [undefined, ""],
    ] as const) {
      expect(await (await app.request("/context", {}, bindings)).json()).toBe(address)
    }
  })

  test("on Workers the host says which header its own edge writes", async () => {
    const { auth } = fixtureAuth()
    const app = new Hono()
    app.use(mortise(auth, { address: (c) => c.req.header("cf-connecting-ip") }))
    app.get("/context", (c) => c.json(contextOf(c).address ?? null))
    const headers = { "cf-connecting-ip": "2001:db8::1", "x-forwarded-for": "203.0.113.9" }
    expect(await (await app.request("/context", { headers })).json()).toBe("2001:db8::1")
  })
})
