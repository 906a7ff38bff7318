import type { Rule } from "@mortise/core"
import { declareRule } from "@mortise/core/binding"
import { type Handler, Hono, type MiddlewareHandler } from "hono"
import { describe } from "vitest"
import { mortise, requireSession } from "../src/index.js"
import { routesOf } from "../src/testing.js"
import { checkMatrix } from "./guard-matrix/matrix-checks.js"
import type { ShopRoute, ShopRule, ShopStep } from "./guard-matrix/shop.js"

describe("the matrix on Hono", () => {
  checkMatrix(async (site, steps) => {
    const app = new Hono()
    app.onError((_error, c) => c.text("host error", 500))
    app.use(mortise(site))
    for (const step of steps) add(app, step)
    return { routes: routesOf(app), fetch: async (target, init) => app.request(target, init) }
  })
})

const page: Handler = (c) => c.text("secret")

function add(app: Hono, step: ShopStep): void {
  if (step.use === "guard") app.use(step.at, guard(step.rule))
  else app.on(step.method, [step.path], ...handlers(step))
}

function handlers({ guards, guardsStand }: ShopRoute): (Handler | MiddlewareHandler)[] {
  const own = guards.map(guard)
  if (guardsStand === "after the handler") return [page, ...own]
  if (guardsStand === undefined) return [...own, page]
  return [...guards.map((rule) => declareRule<MiddlewareHandler>((_c, next) => next(), rule)), page]
}

/** A host says in its types what its sessions carry; the shops of all frameworks are one program. */
function guard(rule: ShopRule | null): MiddlewareHandler {
  return rule ? requireSession(rule as Rule) : requireSession()
}
