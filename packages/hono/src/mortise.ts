import type { AnyAuth, Incoming } from "@mortise/core"
import type { Context, MiddlewareHandler } from "hono"
import { answer } from "./answer.js"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { addMount, type MortiseEnv, mountOf } from "./mounts.js"
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

  return async function mortise(c, next) {
    const incoming = incomingOf(c, address)
    let setCookie: readonly string[]
    try {
      // The path as Hono's router sees it, decoded; the library then takes nothing but the exact spelling of its routes.
      if (auth.owns(c.req.path)) {
        return answer(c, await auth.handle(await readableRequest(c), incoming.peerAddress))
      }
      setCookie = await loadSession(c, auth, incoming)
    } catch (fault) {
      return answer(c, auth.answerFault(fault, incoming))
    }
    await next()
    // Not before: Hono forgets headers set earlier when a handler answers with a Response of its own.
    for (const cookie of setCookie) c.header("set-cookie", cookie, { append: true })
    return undefined
  }
}

async function loadSession(c: Context, auth: AnyAuth, incoming: Incoming): Promise<readonly string[]> {
  const loaded = mountOf(c, auth) ?? (await auth.authenticate(incoming))
  const { principal } = addMount(c, { auth, incoming, principal: loaded.principal, route: c.req.routeIndex })
  c.set("auth", principal ?? null)
  return "setCookie" in loaded ? loaded.setCookie : []
}
