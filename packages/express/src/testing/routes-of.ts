import type { HostRoute } from "@mortise/core/testing"
import type { RequestHandler } from "express"
import { joined, plainPaths } from "./path-pattern.js"
import { layersOf, type RouteLayer, type RouterLayer } from "./router-layers.js"
import { isGuard, rulesBefore } from "./rules-before.js"

/** What a host must say where Express does not tell. */
export interface RoutesOptions {
  /**
   * Where a router or an application is mounted, if Express has forgotten: before 5.3 it keeps no path of a router, and 4 keeps that of a
   * pattern as a regular expression.
   */
  readonly mountPaths?: ReadonlyMap<object, string>
}

/** What a route of all methods is tried with: HEAD is GET's. */
const everyMethod = ["GET", "POST", "PUT", "PATCH", "DELETE"]

/**
 * Every route of an Express application or router, 4 and 5, in the order in which they were added, with the rules of `requireSession()` that stand
 * before each: of the route, of its routers, and of parts of the host (`app.use("/part", requireSession())`). A list of paths, an optional part
 * and `app.all()` are a route for each. Routes that only guard are none.
 *
 * Not seen: what a plain middleware answers itself (`express.static()`, a router inside of a function).
 * @throws Error for a router whose path Express has forgotten and `mountPaths` does not tell
 */
export function routesOf(app: RequestHandler, options: RoutesOptions = {}): readonly HostRoute[] {
  const root = layersOf(app)
  return below(root, [""])

  function below(layers: readonly RouterLayer[], prefixes: readonly string[]): readonly HostRoute[] {
    return layers.flatMap((layer) => {
      if (layer.route) return routes(layer.route, prefixes)
      if (!layer.inner) return []
      const paths = mountPaths(layer, layer.inner.of)
      return below(
        layer.inner.layers,
        prefixes.flatMap((prefix) => paths.map((path) => joined(prefix, path))),
      )
    })
  }

  function routes(route: RouteLayer, prefixes: readonly string[]): readonly HostRoute[] {
    const methods = route.methods.length > everyMethod.length * 2 ? everyMethod : route.methods
    const answered = (methods.includes("_ALL") ? everyMethod : methods).filter(
      (method) => !route.handlers(method).every(isGuard),
    )
    return prefixes
      .flatMap((prefix) => route.paths.flatMap((path) => written(prefix, path)))
      .flatMap((path) => answered.map((method) => ({ ...path, method, rulesAt: rulesOf(method, route) })))
  }

  function rulesOf(method: string, route: RouteLayer): HostRoute["rulesAt"] {
    return (address) => rulesBefore(root, method, address, route)
  }

  function mountPaths(layer: RouterLayer, mounted: object): readonly string[] {
    const told = options.mountPaths?.get(mounted)
    const plain = told === undefined ? layer.paths?.map(plainPaths) : [[told]]
    if (plain?.every((paths) => paths !== undefined)) return plain.flat()
    throw new Error(
      'routesOf(app): Express does not tell where a router is mounted. Say it: { mountPaths: new Map([[router, "/part"]]) }.',
    )
  }
}

function written(prefix: string, path: string | RegExp): readonly Pick<HostRoute, "path" | "fillable">[] {
  const paths = plainPaths(path)
  if (!paths) return [{ path: `${prefix}${path}`, fillable: false }]
  return paths.map((one) => ({ path: joined(prefix, one), fillable: true }))
}
