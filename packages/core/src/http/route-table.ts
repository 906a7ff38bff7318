import { misconfigured } from "../errors.js"
import { type Refusal, refuse } from "../outcome.js"
import { pathOf } from "./incoming.js"
import type { Route } from "./route.js"

/** The route that a request means, with its parameters. */
export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** An address as data: what a docs page or a test over all routes reads. */
export interface RouteAddress {
  readonly name: string
  readonly method: Route["method"]
  /** From the root; a segment that starts with ":" is a parameter. */
  readonly path: string
}

/** Every address of one `Auth`, and nothing but these exact spellings. */
export interface RouteTable {
  readonly addresses: readonly RouteAddress[]
  /** Whether a path, with or without its query, is the library's to answer: one of its addresses, or anything else below the base path (which is then not found). */
  owns(target: string): boolean
  /** Refusals: `not_found`, `method_not_allowed`. HEAD is taken as GET, behind the same checks. */
  match(method: string, path: string): Match | Refusal
}

/** A route at its path from the root. */
interface Address extends Route {
  readonly pattern: RegExp
}

const pathText = /^(?:\/[\w\-.~:]+)+$/

/**
 * Paths are compared byte for byte with what the client wrote: another case, a doubled or trailing slash, a dot segment, `;` or an
 * encoded letter is another path, and so no way around a check that looks at the canonical one.
 * @param renamed by route name: a path under the base path, or from the root if it starts with "/"
 * @throws ConfigError `ERR_CONFIG_PATH`
 */
export function routeTable(
  routes: readonly Route[],
  basePath: string,
  renamed: Readonly<Record<string, string>>,
): RouteTable {
  refuseUnknownNames(routes, renamed)
  const addresses = routes.map((route) =>
    addressOf(route, pathIn(basePath, renamed[route.name] ?? route.path)),
  )
  refuseDoubles(addresses)
  const below = `${basePath}/`
  const elsewhere = addresses.filter(({ path }) => !path.startsWith(below))

  return {
    addresses: addresses.map(({ name, method, path }) => ({ name, method, path })),
    owns(target) {
      const path = pathOf(target)
      return (
        path.startsWith(below) || path === basePath || elsewhere.some(({ pattern }) => pattern.test(path))
      )
    },
    match(method, path) {
      const here = addresses.filter(({ pattern }) => pattern.test(path))
      if (here.length === 0) return refuse("not_found")
      const wanted = method === "HEAD" ? "GET" : method
      const address = here.find((one) => one.method === wanted)
      if (!address) return refuse("method_not_allowed")
      return { route: address, params: { ...address.pattern.exec(path)?.groups } }
    },
  }
}

/** A route's path from the root. */
export function pathIn(basePath: string, relative: string): string {
  return relative.startsWith("/") ? relative : `${basePath}/${relative}`
}

function addressOf(route: Route, path: string): Address {
  if (!pathText.test(path))
    throw misconfigured("ERR_CONFIG_PATH", route.name, path, '"/auth" or "/api/v1/auth/login"')
  const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`)
  return { ...route, path, pattern }
}

function refuseUnknownNames(routes: readonly Route[], renamed: Readonly<Record<string, string>>): void {
  const known = routes.map((route) => route.name)
  for (const name of Object.keys(renamed)) {
    if (!known.includes(name))
      throw misconfigured("ERR_CONFIG_PATH", "paths", name, `one of ${known.join(", ")}`)
  }
}

function refuseDoubles(addresses: readonly Address[]): void {
  const seen = new Set<string>()
  for (const { name, method, path } of addresses) {
    const address = `${method} ${path}`
    if (seen.has(address)) throw misconfigured("ERR_CONFIG_PATH", `paths.${name}`, path, "another path")
    seen.add(address)
  }
}
