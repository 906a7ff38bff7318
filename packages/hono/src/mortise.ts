import type { AnyAuth, Authentication, Incoming } from "@mortise/core"
import type { Context, MiddlewareHandler, Next } from "hono"
import { answer } from "./answer.js"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { addMount, type MortiseEnv, type Mount, mountOf } from "./mounts.js"
import { readableRequest } from "./readable-request.js"

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
    try {
      // The path as Hono's router sees it, decoded; the library then takes nothing but the exact spelling of its routes.
      if (auth.owns(c.req.path)) return answerOwn(c, incoming)
      const loaded = mountOf(c, auth) ?? auth.authenticate(incoming)
      if (!(loaded instanceof Promise)) return goOn(c, keep(c, auth, incoming, loaded), next)
      return loaded.then(
        (one) => goOn(c, keep(c, auth, incoming, one), next),
        (fault: unknown) => answer(c, auth.answerFault(fault, incoming)),
      )
    } catch (fault) {
      return Promise.resolve(answer(c, auth.answerFault(fault, incoming)))
    }
  }

  async function answerOwn(c: Context, incoming: Incoming): Promise<Response> {
    try {
      return answer(c, await auth.handle(await readableRequest(c), incoming.peerAddress))
    } catch (fault) {
      return answer(c, auth.answerFault(fault, incoming))
    }
  }
}

/** Not before the handler: Hono forgets headers set earlier when a handler answers with a Response of its own. */
async function withCookies(c: Context, setCookie: readonly string[], next: Next): Promise<void> {
  await next()
  for (const cookie of setCookie) c.header("set-cookie", cookie, { append: true })
}

function goOn(c: Context, setCookie: readonly string[], next: Next): Promise<void> {
  return setCookie.length === 0 ? next() : withCookies(c, setCookie, next)
}

function keep(
  c: Context,
  auth: AnyAuth,
  incoming: Incoming,
  loaded: Authentication<object> | Mount,
): readonly string[] {
  const { principal } = addMount(c, { auth, incoming, principal: loaded.principal, route: c.req.routeIndex })
  c.set("auth", principal ?? null)
  return "setCookie" in loaded ? loaded.setCookie : []
}
