import type { Rule } from "@mortise/core"
import type { HostRoute } from "@mortise/core/testing"
import express5, { type Express, type RequestHandler, Router } from "express"
import express4 from "express4"
import { describe, expect, test } from "vitest"
import { requireSession } from "../src/index.js"
import { routesOf } from "../src/testing.js"

const versions: readonly (readonly [string, { app: () => Express; router: () => Router }])[] = [
  ["Express 5", { app: express5, router: Router }],
  [
    "Express 4",
    { app: express4 as unknown as () => Express, router: express4.Router as unknown as () => Router },
  ],
]

const page: RequestHandler = (_req, res) => void res.end()
const step: RequestHandler = (_req, _res, next) => next()
const isMember: Rule = () => true
const isOwner: Rule = () => true
const guard = (rule?: Rule): RequestHandler => (rule ? requireSession(rule) : requireSession())

/** `GET /me: isMember, signed in`, at the route's own path unless an address is given. */
function written(routes: readonly HostRoute[], address?: string): readonly string[] {
  return routes.map((route) => {
    const rules = route.rulesAt(address ?? route.path.replaceAll(":", ""))
    return `${route.method} ${route.path}: ${rules?.map((rule) => rule?.name ?? "signed in").join(", ") ?? "not reached"}`
  })
}

describe.each(versions)("routesOf() on %s", (name, { app: create, router }) => {
  test("an application without routes has none", () => {
    expect(routesOf(create())).toEqual([])
  })

  test("what is no application is refused", () => {
    expect(() => routesOf(page)).toThrow("this is no application and no router of Express 4 or 5.")
  })

  test("methods, parameters, lists of paths, and guards on the route", () => {
    const app = create()
    app.get("/", page)
    app.get("/me", guard(), step, guard(isMember), page)
    app.post(["/a/:id", "/b/:id"], [step, guard(isOwner)], page)
    app.route("/c").all(guard()).get(page).delete(guard(isOwner), page)
    app.all("/d", guard(isMember), page)
    expect(written(routesOf(app))).toEqual([
      "GET /: ",
      "GET /me: signed in, isMember",
      "POST /a/:id: isOwner",
      "POST /b/:id: isOwner",
      "GET /c: signed in",
      "DELETE /c: signed in, isOwner",
      ...["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => `${method} /d: isMember`),
    ])
  })

  test("a guard counts where it stands before the handler, for this method and this path", () => {
    const app = create()
    app.get("/early", page)
    app.get("/behind", page, guard())
    app.post("/other-method", guard(), page)
    app.get("/other-method", page)
    app.use("/part", guard(isMember))
    app.get("/party", page)
    app.get("/part/list", page)
    app.use("/part/:id/owned", guard(isOwner))
    app.get("/part/:id/owned/deep", guard(), page)
    app.all("/only/guards", guard())
    app.get("/only/guards", page)
    app.use(guard())
    app.get("/late", page)
    expect(written(routesOf(app))).toEqual([
      "GET /early: ",
      "GET /behind: ",
      "POST /other-method: signed in",
      "GET /other-method: ",
      "GET /party: ",
      "GET /part/list: isMember",
      "GET /part/:id/owned/deep: isMember, isOwner, signed in",
      "GET /only/guards: signed in",
      "GET /late: signed in",
    ])
  })

  test("routers in routers, an application in an application, and guards that a router leaves behind", () => {
    const app = create()
    const outer = router()
    const inner = router()
    const other = create()
    const passing = router()
    passing.use(guard(isMember))
    inner.get("/", page)
    inner.get("/:id/", guard(isOwner), page)
    outer.use("/inner/:group", inner)
    outer.use(guard())
    outer.get("/own", page)
    other.use(step)
    other.get("/x", guard(), page)
    app.use("/outer.part", outer)
    app.use("/other", other)
    app.use(passing)
    app.get("/after", page)
    expect(written(routesOf(app))).toEqual([
      "GET /outer.part/inner/:group: ",
      "GET /outer.part/inner/:group/:id/: isOwner",
      "GET /outer.part/own: signed in",
      "GET /other/x: signed in",
      "GET /after: isMember",
    ])
    expect(written(routesOf(outer))[0]).toBe("GET /inner/:group: ")
  })

  test("a router at several paths has its routes at each", () => {
    const app = create()
    const part = router()
    part.get("/x", page)
    app.use("/one", guard())
    app.use(["/one", "/two"], part)
    expect(written(routesOf(app))).toEqual(["GET /one/x: signed in", "GET /two/x: "])
  })

  test("looking inside a mounted application runs nothing of it, and leaves it as it was", async () => {
    const app = create()
    const other = create()
    const seen: string[] = []
    const empty = create()
    other.use((req, _res, next) => {
      seen.push(req.url)
      next()
    })
    other.get("/x", page)
    app.use("/other", other)
    app.use("/empty", empty)
    expect(routesOf(app).map(({ path }) => path)).toEqual(["/other/x"])
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen).toEqual([])
  })

  test("which guards a route has depends on the value of a parameter", () => {
    const app = create()
    app.use("/store/ACME", guard(isOwner))
    app.get("/store/:code", page)
    const [route] = routesOf(app)
    expect(route?.rulesAt("/store/ACME")).toEqual([isOwner])
    expect(route?.rulesAt("/store/acme")).toEqual([isOwner])
    expect(route?.rulesAt("/store/OTHER")).toEqual([])
    expect(route?.rulesAt("/store/ACME/x")).toBeUndefined()
  })

  test("a route behind one that answers the same is not reached", () => {
    const app = create()
    app.get("/:any", page)
    app.get("/me", guard(), page)
    app.get("/:later", step, page)
    expect(written(routesOf(app), "/me")).toEqual([
      "GET /:any: ",
      "GET /me: not reached",
      "GET /:later: not reached",
    ])
  })

  test("a regular expression is listed, and only the host can say what leads there", () => {
    const app = create()
    app.use("/part", guard())
    app.get(/^\/(part|free)\/\d+$/, page)
    const [route] = routesOf(app)
    expect([route?.path, route?.fillable]).toEqual([String(/^\/(part|free)\/\d+$/), false])
    expect(route?.rulesAt("/part/1")).toEqual([null])
    expect(route?.rulesAt("/free/1")).toEqual([])
    expect(route?.rulesAt("/free/x")).toBeUndefined()
  })

  test("a router at a regular expression is refused until the host says where that is", () => {
    const app = create()
    const part = router()
    part.get("/x", page)
    app.use(/^\/(?:part|piece)/, part)
    expect(() => routesOf(app)).toThrow("Express does not tell where a router is mounted.")
    expect(written(routesOf(app, { mountPaths: new Map([[part, "/piece"]]) }))).toEqual(["GET /piece/x: "])
  })

  test("optional parts are routes of their own", () => {
    const app = create()
    app.get(name === "Express 5" ? "/a{/:id}" : "/a/:id?", page)
    app.get(name === "Express 5" ? "/files/*rest" : "/files/*", page)
    if (name === "Express 4") app.get("/n/:id(\\d+)", page)
    const paths = routesOf(app).map(({ path }) => path)
    expect(paths).toEqual(
      name === "Express 5" ? ["/a", "/a/:id", "/files/*rest"] : ["/a", "/a/:id", "/files/*", "/n/:id"],
    )
  })
})

test("before Express 5.3 a router does not know its path: an application does, and the host is asked for the rest", () => {
  const app = express5()
  const part = Router()
  const other = express5()
  part.get("/x", guard(), page)
  other.get("/y", page)
  app.use("/part", part)
  app.use("/other", other)
  for (const layer of app.router.stack) Reflect.deleteProperty(layer, "rawPath")
  expect(() => routesOf(app)).toThrow("Express does not tell where a router is mounted.")
  expect(written(routesOf(app, { mountPaths: new Map([[part, "/part"]]) }))).toEqual([
    "GET /part/x: signed in",
    "GET /other/y: ",
  ])
})
