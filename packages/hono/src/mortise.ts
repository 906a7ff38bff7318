import type { AnyAuth, Authentication, Incoming } from "@mortise/core"
import { mountOf, withMount } from "@mortise/core/binding"
import type { Context, MiddlewareHandler, Next } from "hono"
import { bodyOf } from "./body.js"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { keepMounts, type MortiseEnv, mountsOf } from "./mounts.js"
import { respond } from "./respond.js"

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
 * times: for a request the innermost realm counts.
 */
export function mortise<A extends AnyAuth>(
  auth: A,
  options: MortiseOptions = {},
): MiddlewareHandler<MortiseEnv<A>> {
  const address = options.address ?? socketAddress

  return function mortise(c, next) {
    const incoming = incomingOf(c, address)
    // The path as Hono's router sees it, decoded; the library then takes nothing but the exact spelling of its routes.
    if (auth.owns(c.req.path)) return answerOwn(c, auth, incoming)
    const loaded = mountOf(mountsOf(c), auth) ?? auth.authenticate(incoming)
    if (!(loaded instanceof Promise)) return goOn(c, keep(c, auth, incoming, loaded), next)
    return loaded.then(
      (one) => goOn(c, keep(c, auth, incoming, one), next),
      (fault: unknown) => respond(c, auth.answerFault(fault, incoming)),
    )
  }
}

async function answerOwn(c: Context, auth: AnyAuth, incoming: Incoming): Promise<Response> {
  return respond(c, await auth.answer(incoming, () => bodyOf(c)))
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

function keep(
  c: Context,
  auth: AnyAuth,
  incoming: Incoming,
  { principal, setCookie = [] }: Partial<Authentication<object>>,
): readonly string[] {
  const { routeIndex } = c.req
  keepMounts(c, withMount(mountsOf(c), { auth, incoming, principal, depth: () => depthOf(c, routeIndex) }))
  return setCookie
}

/** How many segments are written out. A pattern of parameters is as long as one likes and is inside of nothing. */
function depthOf(c: Context, routeIndex: number): number {
  const path = c.req.matchedRoutes[routeIndex]?.path.replace(/\{[^}]*\}/g, "") ?? ""
  return path.split("/").filter((segment) => /^[^:*]+$/.test(segment)).length
}
