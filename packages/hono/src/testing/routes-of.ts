import type { Rule } from "@mortise/core"
import { declaredRule } from "@mortise/core/binding"
import type { HostRoute } from "@mortise/core/testing"
import type { Env, Handler, Hono, Schema } from "hono"
import { plainPaths } from "./path-pattern.js"

/** What a route of all methods is tried with: HEAD is GET's. */
const everyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE"]

/** What Hono keeps of each function that was added. */
type Entry = Hono["routes"][number]

/**
 * Every route of a Hono application, those of `app.route()` and `basePath()` included, in the order in which they were added, with the rules of
 * `requireSession()` that stand before each, on the route itself or on a part of the host (`app.use("/part/*", requireSession())`). An optional
 * parameter and `app.all()` are a route for each. Hono closes its router with the first look at it: add all routes before.
 *
 * Not seen: what a middleware answers itself (`app.mount()`, `serveStatic()`, a function of `app.all()` that takes `next`).
 */
export function routesOf<E extends Env, S extends Schema, B extends string>(
  app: Hono<E, S, B>,
): readonly HostRoute[] {
  const entries: readonly Entry[] = app.routes
  const answering = entries.filter(
    ({ method, handler }) => !isGuard(handler) && (method !== "ALL" || !mayGoOn(handler)),
  )
  const names = new Set(answering.map(({ method, path }) => `${method} ${path}`))
  return [...names].flatMap((name) => {
    const [method = "", ...rest] = name.split(" ")
    return routes(method, rest.join(" "))
  })

  function routes(added: string, pattern: string): readonly HostRoute[] {
    const paths = plainPaths(pattern)
    return (paths ?? [pattern]).flatMap((path) =>
      (added === "ALL" ? everyMethod : [added]).map((method) => ({
        method,
        path,
        fillable: paths !== undefined,
        rulesAt: (address) => rulesBefore(matching(method, address), added, pattern),
      })),
    )
  }

  /** What Hono would call for such a request, in this order. */
  function matching(method: string, address: string): readonly Entry[] {
    // A path is decoded before it is looked up.
    const request = new Request(`http://localhost${address}`, { method })
    return app.router.match(method, app.getPath(request))[0].map(([[, entry]]) => entry)
  }
}

/** Undefined if the request is answered before, or never gets there. */
function rulesBefore(
  entries: readonly Entry[],
  method: string,
  path: string,
): readonly (Rule<object> | null)[] | undefined {
  const isWanted = (entry: Entry): boolean =>
    entry.method === method && entry.path === path && !isGuard(entry.handler)
  const last = entries.filter(isWanted).at(-1)
  const before = entries.slice(0, last && entries.lastIndexOf(last))
  const answered = before.some(
    (entry) => !isWanted(entry) && !isGuard(entry.handler) && !mayGoOn(entry.handler),
  )
  if (!last || answered) return undefined
  return before.map(({ handler }) => declaredRule(ownHandler(handler))).filter((rule) => rule !== undefined)
}

/** Of `requireSession()`, which answers only those whom it refuses. */
function isGuard(handler: Handler): boolean {
  return declaredRule(ownHandler(handler)) !== undefined
}

/** It has a parameter for `next`. */
function mayGoOn(handler: Handler): boolean {
  return ownHandler(handler).length >= 2
}

/** A sub-application with an error handler of its own wraps what it is given, and says what was inside. */
function ownHandler(handler: Handler): Handler {
  const inside: unknown = Reflect.get(handler, "__COMPOSED_HANDLER")
  return typeof inside === "function" ? ownHandler(inside as Handler) : handler
}
