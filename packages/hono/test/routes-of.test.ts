import type { Rule } from "@mortise/core"
import type { HostRoute } from "@mortise/core/testing"
import { type Handler, Hono, type MiddlewareHandler } from "hono"
import { TrieRouter } from "hono/router/trie-router"
import { describe, expect, test } from "vitest"
import { requireSession } from "../src/index.js"
import { routesOf } from "../src/testing.js"

const page: Handler = (c) => c.text("page")
const step: MiddlewareHandler = (_c, next) => next()
const isMember: Rule = () => true
const isOwner: Rule = () => true
const guard = (rule?: Rule): MiddlewareHandler => (rule ? requireSession(rule) : requireSession())

/** `GET /me: isMember, signed in`, at the route's own path unless an address is given. */
function written(routes: readonly HostRoute[], address?: string): readonly string[] {
  return routes.map((route) => {
    const rules = route.rulesAt(address ?? route.path.replaceAll(":", ""))
    return `${route.method} ${route.path}: ${rules?.map((rule) => rule?.name ?? "signed in").join(", ") ?? "not reached"}`
  })
}

const routers = [
  ["the default router", () => new Hono()],
  ["TrieRouter", () => new Hono({ router: new TrieRouter() })],
] as const

describe.each(routers)("routesOf() with %s", (_, create) => {
  test("an application without routes has none", () => {
    expect(routesOf(create())).toEqual([])
  })

  test("methods, parameters, lists of paths, and guards on the route", () => {
    const app = create()
    app.get("/", page)
    app.get("/me", guard(), step, guard(isMember), page)
    app.on("POST", ["/a/:id", "/b/:id"], step, guard(isOwner), page)
    app.all("/c", guard()).get(page).delete(guard(isOwner), page)
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
    app.use("/part/*", guard(isMember))
    app.get("/party", page)
    app.get("/part/list", page)
    app.use("/exact", guard(isMember))
    app.get("/exact/below", page)
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
      "GET /exact/below: ",
      "GET /only/guards: signed in",
      "GET /late: signed in",
    ])
  })

  test("applications in applications and below base paths, whatever their error handlers are", () => {
    const app = create()
    const inner = new Hono()
    const outer = new Hono().basePath("/base")
    inner.onError((_error, c) => c.text("inner error", 500))
    outer.onError((_error, c) => c.text("outer error", 500))
    inner.use(guard(isMember))
    inner.get("/", page)
    inner.get("/:id", guard(isOwner), page)
    outer.route("/inner/:group", inner)
    outer.get("/own", guard(), page)
    app.route("/outer", outer)
    app.get("/after", page)
    expect(written(routesOf(app))).toEqual([
      "GET /outer/base/inner/:group: isMember",
      "GET /outer/base/inner/:group/:id: isMember, isOwner",
      "GET /outer/base/own: signed in",
      "GET /after: ",
    ])
  })

  test("which guards a route has depends on the value of a parameter", () => {
    const app = create()
    app.use("/store/ACME", guard(isOwner))
    app.get("/store/:code", page)
    const [route] = routesOf(app)
    expect(route?.rulesAt("/store/ACME")).toEqual([isOwner])
    expect(route?.rulesAt("/store/OTHER")).toEqual([])
    expect(route?.rulesAt("/store/ACME/x")).toBeUndefined()
  })

  test("a route behind one that answers the same is not reached", () => {
    const app = create()
    app.get("/:any", page)
    app.get("/me", guard(), page)
    expect(written(routesOf(app), "/me")).toEqual(["GET /:any: ", "GET /me: not reached"])
  })

  test("a condition on a parameter is left to whoever fills it", () => {
    const app = create()
    app.get("/n/:id{[0-9]{1,3}}", guard(), page)
    const [route] = routesOf(app)
    expect(route?.path).toBe("/n/:id")
    expect(route?.rulesAt("/n/12")).toEqual([null])
    expect(route?.rulesAt("/n/x")).toBeUndefined()
  })

  test("an optional parameter makes two routes", () => {
    const app = create()
    app.get("/a/:id?", page)
    app.get("/:id?", page)
    expect(routesOf(app).map(({ path }) => path)).toEqual(["/a", "/a/:id", "/", "/:id"])
  })

  test("a wildcard is filled like a parameter", () => {
    const app = create()
    app.get("/files/*", guard(), page)
    const [route] = routesOf(app)
    expect([route?.path, route?.fillable, route?.rulesAt("/files/a/b")]).toEqual(["/files/*", true, [null]])
  })
})
