import type { Context, Incoming } from "@mortise/core"
import { requiredMount } from "@mortise/core/binding"
import type { Request } from "express"
import { mountsOf } from "./mounts.js"

/** Tells the other end of the connection, before any trusted proxy is counted. */
export type ClientAddress = (req: Request) => string | undefined

/** The socket's own word. Not `req.ip`: with `trust proxy` set that is what the client wrote. */
export function socketAddress(req: Request): string | undefined {
  return req.socket.remoteAddress
}

/** What the library looks at of a request, without building a `Request`: most need a single header. */
export function incomingOf(req: Request, address: ClientAddress): Incoming {
  return {
    method: req.method,
    target: pathAndQuery(req.originalUrl),
    peerAddress: address(req),
    header(name) {
      const value = req.headers[name]
      return Array.isArray(value) ? value.join(", ") : value
    },
    param(name) {
      const value: unknown = Object.hasOwn(req.params, name) ? req.params[name] : undefined
      return typeof value === "string" ? value : undefined
    },
  }
}

/** Of the absolute form (RFC 9112 §3.2.2) Express routes the path. A host of any odd spelling stays, and so is no path of ours. */
function pathAndQuery(url: string): string {
  return url.startsWith("/") ? url : url.replace(/^https?:\/\/[a-z\d.-]+(:\d+)?(?=\/)/i, "")
}

/**
 * Where a request comes from, for a step that the host calls itself: `auth.flows.password.set(id, password, contextOf(req))`.
 * @throws Error if `mortise()` does not stand before the route
 */
export function contextOf(req: Request): Context {
  const { auth, incoming } = requiredMount(mountsOf(req), "contextOf(req)")
  return auth.contextOf(incoming)
}
