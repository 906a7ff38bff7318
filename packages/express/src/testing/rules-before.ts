import type { Rule } from "@mortise/core"
import { declaredRule } from "@mortise/core/binding"
import type { RouteLayer, RouterLayer } from "./router-layers.js"

/** Of `requireSession()`, which answers only those whom it refuses. */
export function isGuard(handler: object): boolean {
  return declaredRule(handler) !== undefined
}

/**
 * The rules that a request meets on its way to a route, found by going that way as Express goes it. Undefined if it is answered before, or never
 * gets there.
 */
export function rulesBefore(
  layers: readonly RouterLayer[],
  method: string,
  address: string,
  wanted: RouteLayer,
): readonly (Rule<object> | null)[] | undefined {
  const rules: (Rule<object> | null)[] = []
  return walk(layers, address) === "found" ? rules : undefined

  function walk(within: readonly RouterLayer[], path: string): "found" | "answered" | "passed" {
    for (const layer of within) {
      const matched = layer.match(path)
      if (matched === undefined) continue
      const reached = enter(layer, path.slice(matched.length) || "/")
      if (reached !== "passed") return reached
    }
    return "passed"
  }

  function enter({ route, inner, handle }: RouterLayer, rest: string): "found" | "answered" | "passed" {
    if (inner) return walk(inner.layers, rest)
    if (!route) collect([handle])
    else if (route.is(wanted)) collect(beforeAnswer(route.handlers(method)))
    else {
      const handlers = route.handlers(method)
      collect(handlers)
      if (handlers.some((handler) => !isGuard(handler) && !mayGoOn(handler))) return "answered"
    }
    return route?.is(wanted) ? "found" : "passed"
  }

  function collect(handlers: readonly object[]): void {
    for (const handler of handlers) {
      const rule = declaredRule(handler)
      if (rule !== undefined) rules.push(rule)
    }
  }
}

/** What stands behind the last function that may answer guards nothing. */
function beforeAnswer(handlers: readonly object[]): readonly object[] {
  const last = handlers.filter((handler) => !isGuard(handler)).at(-1)
  return handlers.slice(0, last && handlers.lastIndexOf(last))
}

/** It has a parameter for `next`. */
function mayGoOn(handler: object): boolean {
  return typeof handler === "function" && handler.length >= 3
}
