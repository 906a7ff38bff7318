import { type Door, enter, withMount } from "@mortise/core/binding"
import type { RequestHandler } from "express"
import { proceed } from "./answer.js"
import { bodyOf } from "./body.js"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { keepMounts, mountsOf } from "./mounts.js"

/** What a host may say about its surroundings. */
export interface MortiseOptions {
  /** The other end of the connection. Default: the socket's. Proxies are counted by `trustedProxies` of `createAuth`. */
  readonly address?: ClientAddress
}

/**
 * Answers the library's own routes, and loads the session of every other request into `req.auth`: once per request and realm, in one
 * store round trip. A store that is down is answered with 503 right here, never taken for "nobody" (fail closed). For Express 4 and 5,
 * behind any body parser or none. May be mounted several times: for a request the innermost realm counts. Of `realms()` each request meets
 * the realm of its path, and must pass its rule; where there is none `req.auth` stays undefined.
 */
export function mortise(door: Door, options: MortiseOptions = {}): RequestHandler {
  const { address = socketAddress } = options

  return function mortise(req, res, next) {
    const incoming = incomingOf(req, address)
    const answer = enter(door, {
      incoming,
      path: incoming.target,
      mounts: mountsOf(req),
      bodyOf: () => bodyOf(req),
      keep(auth, { principal, setCookie = [] }, area) {
        for (const cookie of setCookie) res.appendHeader("set-cookie", cookie)
        // A cache that is shared must not hand a session on; a host that says otherwise later has the last word.
        if (setCookie.length > 0) res.setHeader("cache-control", "no-store")
        const { baseUrl } = req
        const depth = (): number => Math.max(area, depthOf(baseUrl, incoming.target))
        keepMounts(req, withMount(mountsOf(req), { auth, incoming, principal, depth }))
      },
    })
    proceed(answer, res, next)
  }
}

/**
 * Express mounts a pattern (`app.use("*", …)`) at the whole of every path. Not so where the target plainly goes on below the mount; what Express
 * parses in another way (`#`, a host before the path, blanks) it may have mounted anywhere, and so counts as the whole.
 */
function depthOf(baseUrl: string, target: string): number {
  const below = target.startsWith(baseUrl) && /^\/[^?#\s]/.test(target.slice(baseUrl.length))
  return baseUrl === "" || below ? baseUrl.split("/").length - 1 : Infinity
}
