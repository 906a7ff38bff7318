import { mountedApp } from "./mounted-app.js"

/** One entry of a router, as Express 4 and 5 keep it. Neither documents this: what is not as expected is an error, never an entry that is missing. */
export interface RouterLayer {
  readonly handle: object
  /** Of a route or a router: its paths as the host wrote them; undefined where Express has forgotten. */
  readonly paths: readonly (string | RegExp)[] | undefined
  readonly route?: RouteLayer
  /** What a router, or another application, has inside. */
  readonly inner?: { readonly of: object; readonly layers: readonly RouterLayer[] }
  /** How much of the path it takes; undefined if it is not for this path. */
  match(path: string): string | undefined
}

/** What `app.get()`, `app.all()` and `app.route()` add. */
export interface RouteLayer {
  readonly paths: readonly (string | RegExp)[]
  /** In upper case; `_ALL` for every method. */
  readonly methods: readonly string[]
  handlers(method: string): readonly object[]
  /** Whether both were read of the same route. */
  is(other: RouteLayer): boolean
  readonly of: object
}

/** @throws Error for what is no application and no router of Express 4 or 5 */
export function layersOf(app: object): readonly RouterLayer[] {
  return stackOf(app).map(layer)
}

function stackOf(app: object): readonly object[] {
  // A router is its own; Express 4 makes that of an application with the first route.
  const isFour = typeof Reflect.get(app, "lazyrouter") === "function"
  const router: unknown = "stack" in app ? app : Reflect.get(app, isFour ? "_router" : "router")
  if (isFour && router === undefined) return []
  const stack: unknown = isObject(router) ? Reflect.get(router, "stack") : undefined
  if (Array.isArray(stack) && stack.every(isObject)) return stack
  throw new Error("routesOf(app): this is no application and no router of Express 4 or 5.")
}

function layer(entry: object): RouterLayer {
  const handle: unknown = Reflect.get(entry, "handle")
  if (!isObject(handle)) throw new Error("routesOf(app): a router of Express has an entry that does nothing.")
  const route: unknown = Reflect.get(entry, "route")
  const within = Array.isArray(Reflect.get(handle, "stack")) ? handle : mountedApp(handle)
  return {
    handle,
    paths: pathsOf(entry, within),
    ...(isObject(route) && { route: routeLayer(route) }),
    ...(within && { inner: { of: within, layers: layersOf(within) } }),
    match: (path) => matched(entry, path),
  }
}

function routeLayer(route: object): RouteLayer {
  const stack: unknown = Reflect.get(route, "stack")
  const methods: unknown = Reflect.get(route, "methods")
  if (!Array.isArray(stack) || !isObject(methods)) throw new Error("routesOf(app): a route of another kind.")
  return {
    of: route,
    paths: listOf(Reflect.get(route, "path")),
    methods: Object.keys(methods).map((method) => method.toUpperCase()),
    handlers: (method) =>
      stack
        .filter((entry) => entry.method === undefined || entry.method === method.toLowerCase())
        .map((entry) => entry.handle)
        // Those of four parameters only see errors.
        .filter((handle) => handle.length < 4),
    is: (other) => other.of === route,
  }
}

/** Since 5.3 a layer keeps its path (`rawPath`); in 4 it is read out of the regular expression; an application knows where it is mounted. */
function pathsOf(entry: object, within: object | undefined): RouterLayer["paths"] {
  if ("rawPath" in entry) return listOf(entry.rawPath)
  const regexp: unknown = Reflect.get(entry, "regexp")
  const written = regexp instanceof RegExp ? writtenPaths(regexp, entry) : undefined
  if (written) return written
  return within && "mountpath" in within ? listOf(within.mountpath) : undefined
}

/** Undoes what path-to-regexp 0.1 does to the path of a router, where nothing but plain parameters was in it. */
function writtenPaths(regexp: RegExp, entry: object): readonly string[] | undefined {
  if (Reflect.get(regexp, "fast_slash") === true) return ["/"]
  const keys: unknown = Reflect.get(entry, "keys")
  const names = (Array.isArray(keys) ? keys : []).map((key) => `:${key.name}`)
  const paths = regexp.source
    .replaceAll("\\/", "/")
    .split("|^")
    .map((source) =>
      source
        .replace(/^\^/, "")
        .replace(/\/\?\(\?=\/\|\$\)$/, "")
        .replace(/\(\?:(\/?)\(\[\^\/\]\+\?\)\)/g, (_, slash) => `${slash}${names.shift()}`)
        .replaceAll("\\.", "."),
    )
  return paths.every((path) => /^(?:\/(?:[\w.~%@!&',;=-]|:\w)*)+$/.test(path)) ? paths : undefined
}

function matched(entry: object, path: string): string | undefined {
  const match: unknown = Reflect.get(entry, "match")
  const found: unknown = typeof match === "function" ? Reflect.apply(match, entry, [path]) : undefined
  if (!found) return undefined
  const part: unknown = Reflect.get(isObject(found) ? found : entry, "path")
  return typeof part === "string" ? part : ""
}

function listOf(path: unknown): readonly (string | RegExp)[] {
  return [path].flat(Infinity).filter((one) => typeof one === "string" || one instanceof RegExp)
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function"
}
