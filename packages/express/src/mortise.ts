import type { AnyAuth } from "@mortise/core"
import type { Request, RequestHandler, Response } from "express"
import { proceed } from "./answer.js"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { addMount, isAmbiguous, mountOf } from "./mounts.js"
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

  async function answerOf(req: Request, res: Response): Promise<globalThis.Response | undefined> {
    const incoming = incomingOf(req, address)
    try {
      const own = webRequest(req, auth)
      if (own) return await auth.handle(own, incoming.peerAddress)
      const loaded = mountOf(req, auth) ?? (await auth.authenticate(incoming))
      if ("setCookie" in loaded) for (const cookie of loaded.setCookie) res.appendHeader("set-cookie", cookie)
      const { principal } = addMount(req, {
        auth,
        incoming,
        principal: loaded.principal,
        baseUrl: req.baseUrl,
        whole: req.path === "/",
      })
      // The claims are what the host's Register says they are.
      req.auth = (isAmbiguous(req) ? null : (principal as Request["auth"] | undefined)) ?? null
      return undefined
    } catch (fault) {
      return auth.answerFault(fault, incoming)
    }
  }
}
