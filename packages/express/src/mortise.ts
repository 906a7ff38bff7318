import type { AnyAuth, Authentication, Awaitable, Incoming } from "@mortise/core"
import type { Request, RequestHandler, Response } from "express"
import { proceed } from "./answer.js"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { addMount, isAmbiguous, type Mount, mountOf } from "./mounts.js"
import { webRequest } from "./web-request.js"

/** What a host may say about its surroundings. */
export interface MortiseOptions {
  /** The other end of the connection. Default: the socket's. Proxies are counted by `trustedProxies` of `createAuth`. */
  readonly address?: ClientAddress
}

/**
 * Answers the library's own routes, and loads the session of every other request into `req.auth`: once per request and realm, in one
 * store round trip. A store that is down is answered with 503 right here, never taken for "nobody" (fail closed). For Express 4 and 5,
 * behind any body parser or none. May be mounted several times: for a request the innermost realm counts.
 */
export function mortise(auth: AnyAuth, options: MortiseOptions = {}): RequestHandler {
  const { address = socketAddress } = options

  return function mortise(req, res, next) {
    proceed(answerOf(req, res), res, next)
  }

  function answerOf(req: Request, res: Response): Awaitable<globalThis.Response | undefined> {
    const incoming = incomingOf(req, address)
    try {
      const own = webRequest(req, auth)
      if (own) return auth.handle(own, incoming.peerAddress)
      const loaded = mountOf(req, auth) ?? auth.authenticate(incoming)
      if (!(loaded instanceof Promise)) return keep(loaded, incoming, req, res)
      return loaded
        .then((one) => keep(one, incoming, req, res))
        .catch((fault: unknown) => auth.answerFault(fault, incoming))
    } catch (fault) {
      return auth.answerFault(fault, incoming)
    }
  }

  function keep(
    loaded: Authentication<object> | Mount,
    incoming: Incoming,
    req: Request,
    res: Response,
  ): undefined {
    if ("setCookie" in loaded) for (const cookie of loaded.setCookie) res.appendHeader("set-cookie", cookie)
    const { principal } = addMount(req, { auth, incoming, principal: loaded.principal, baseUrl: req.baseUrl })
    // The claims are what the host's Register says they are.
    req.auth = (isAmbiguous(req) ? null : (principal as Request["auth"] | undefined)) ?? null
  }
}
