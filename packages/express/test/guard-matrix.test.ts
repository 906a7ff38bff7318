import type { Rule } from "@mortise/core"
import { declareRule } from "@mortise/core/binding"
import type { Express, RequestHandler } from "express"
import { describe } from "vitest"
import { checkMatrix } from "../../hono/test/guard-matrix/matrix-checks.js"
import type { ShopRoute, ShopRule, ShopStep } from "../../hono/test/guard-matrix/shop.js"
import { mortise, requireSession } from "../src/index.js"
import { routesOf } from "../src/testing.js"
import { expresses, listen } from "./express-host.js"

describe.each(expresses)("the matrix on %s", (_, create) => {
  checkMatrix(async (site, steps) => {
    const app = create()
    app.use(mortise(site))
    for (const step of steps) add(app, step)
    const routes = routesOf(app)
    const { port } = await listen(app)
    return { routes, fetch: (target, init) => fetch(`http://127.0.0.1:${port}${target}`, init) }
  })
})

const page: RequestHandler = (_req, res) => void res.end("secret")

function add(app: Express, step: ShopStep): void {
  if (step.use === "guard") app.use(step.at, guard(step.rule))
  else app[step.method](step.path, ...handlers(step))
}

function handlers({ guards, guardsStand }: ShopRoute): RequestHandler[] {
  const own = guards.map(guard)
  if (guardsStand === "after the handler") return [page, ...own]
  if (guardsStand === undefined) return [...own, page]
  return [...guards.map((rule) => declareRule<RequestHandler>((_req, _res, next) => next(), rule)), page]
}

/** A host says in its types what its sessions carry; the shops of all frameworks are one program. */
function guard(rule: ShopRule | null): RequestHandler {
  return rule ? requireSession(rule as Rule) : requireSession()
}
