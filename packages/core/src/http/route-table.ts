import { ConfigError } from "../errors.js"
import { type Refusal, refuse } from "../outcome.js"
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
  /** Whether a path is the library's to answer: one of its addresses, or anything else below the base path (which is then not found). */
  owns(path: string): boolean
  /** Refusals: `not_found`, `method_not_allowed`. HEAD is taken as GET, behind the same checks. */
  match(method: string, path: string): Match | Refusal
}

interface Address {
  readonly route: Route
  readonly segments: readonly string[]
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
  const addresses = routes.map((route) => addressOf(route, basePath, renamed[route.name] ?? route.path))
  refuseDoubles(addresses)
  const fixed = new Set(addresses.map((address) => `/${address.segments.join("/")}`))

  function at(path: string): readonly Address[] {
    const segments = path.slice(1).split("/")
    return addresses.filter((address) => fits(address.segments, segments))
  }

  return {
    addresses: addresses.map(({ route, segments }) => ({
      name: route.name,
      method: route.method,
      path: `/${segments.join("/")}`,
    })),
    owns: (path) =>
      path === basePath || path.startsWith(`${basePath}/`) || fixed.has(path) || at(path).length > 0,
    match(method, path) {
      const here = at(path)
      if (here.length === 0) return refuse("not_found")
      const wanted = method === "HEAD" ? "GET" : method
      const address = here.find((one) => one.route.method === wanted)
      return address
        ? { route: address.route, params: paramsOf(address, path) }
        : refuse("method_not_allowed")
    },
  }
}

function addressOf(route: Route, basePath: string, path: string): Address {
  const whole = path.startsWith("/") ? path : `${basePath}/${path}`
  if (!pathText.test(whole)) {
    throw new ConfigError(
      "ERR_CONFIG_PATH",
      `${route.name}: ${JSON.stringify(whole)} is no path. Write "/auth" or "/api/v1/auth/login".`,
    )
  }
  return { route, segments: whole.slice(1).split("/") }
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false
  return pattern.every(
    (part, index) => part === segments[index] || (part.startsWith(":") && segments[index] !== ""),
  )
}

function paramsOf(address: Address, path: string): Readonly<Record<string, string>> {
  const segments = path.slice(1).split("/")
  const named = address.segments.flatMap((part, index) =>
    part.startsWith(":") ? [[part.slice(1), segments[index] as string] as const] : [],
  )
  return Object.fromEntries(named)
}

function refuseUnknownNames(routes: readonly Route[], renamed: Readonly<Record<string, string>>): void {
  const known = routes.map((route) => route.name)
  for (const name of Object.keys(renamed)) {
    if (known.includes(name)) continue
    throw new ConfigError(
      "ERR_CONFIG_PATH",
      `paths.${name}: there is no such route. There are: ${known.join(", ")}.`,
    )
  }
}

function refuseDoubles(addresses: readonly Address[]): void {
  const seen = new Set<string>()
  for (const { route, segments } of addresses) {
    const address = `${route.method} /${segments.join("/")}`
    if (seen.has(address))
      throw new ConfigError(
        "ERR_CONFIG_PATH",
        `Two routes have the address ${address}. Rename one with paths.`,
      )
    seen.add(address)
  }
}
