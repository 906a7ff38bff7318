import type { AnyAuth, Auth } from "@mortise/core"
import { enter, withMount } from "@mortise/core/binding"
import type { Realms } from "@mortise/core/realms"
import type { Context, MiddlewareHandler, Next } from "hono"
import { bodyOf } from "./body.js"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { keepMounts, type MortiseEnv, mountsOf } from "./mounts.js"
import { respondOr } from "./respond.js"

/** What a host may say about its surroundings. */
export interface MortiseOptions {
  /**
   * The other end of the connection. Default: the socket's on Node, nothing elsewhere. On Cloudflare Workers:
   * `(c) => c.req.header("cf-connecting-ip")`. Proxies are counted by `trustedProxies` of `createAuth`.
   */
  readonly address?: ClientAddress
}

/**
 * Answers the library's own routes, and loads the session of every other request into `c.get("auth")`: once per request and realm, in one
 * store round trip. A store that is down is answered with 503 right here, never taken for "nobody" (fail closed). May be mounted several
 * times: for a request the innermost realm counts. Of `realms()` each request meets the realm of its path, and must pass its rule; where
 * there is none `c.get("auth")` stays undefined.
 */
export function mortise<A extends AnyAuth = Auth>(
  door: A | Realms<{ readonly [name: string]: A }>,
  options: MortiseOptions = {},
): MiddlewareHandler<MortiseEnv<A>> {
  const address = options.address ?? socketAddress

  return function mortise(c, next) {
    let cookies: readonly string[] = []
    const incoming = incomingOf(c, address)
    const answer = enter(door, {
      incoming,
      // Decoded; the library then takes nothing but the exact spelling of its routes.
      path: c.req.path,
      mounts: mountsOf(c),
      bodyOf: () => bodyOf(c),
      keep(auth, { principal, setCookie = [] }, area) {
        cookies = setCookie
        const { routeIndex } = c.req
        const depth = (): number => Math.max(area, depthOf(c, routeIndex))
        keepMounts(c, withMount(mountsOf(c), { auth, incoming, principal, depth }))
      },
    })
    // At once where nothing has to be waited for: a promise costs as much as the whole check.
    return answer === undefined ? goOn(c, cookies, next) : respondOr(c, answer, () => goOn(c, cookies, next))
  }
}

/** Not before the handler: Hono forgets headers set earlier when a handler answers with a Response of its own. */
async function withCookies(c: Context, setCookie: readonly string[], next: Next): Promise<void> {
  await next()
  for (const cookie of setCookie) c.header("set-cookie", cookie, { append: true })
  // A cache that is shared must not hand a session on.
  c.header("cache-control", "no-store")
}

function goOn(c: Context, setCookie: readonly string[], next: Next): Promise<void> {
  return setCookie.length === 0 ? next() : withCookies(c, setCookie, next)
}

/** How many segments are written out. A pattern of parameters is as long as one likes and is inside of nothing. */
function depthOf(c: Context, routeIndex: number): number {
  const path = c.req.matchedRoutes[routeIndex]?.path.replace(/\{[^}]*\}/g, "") ?? ""
  return path.split("/").filter((segment) => /^[^:*]+$/.test(segment)).length
}
