import type { Context, Incoming } from "@mortise/core"
import type { NextRequest } from "next/server.js"

/** Tells the other end of the connection, before any trusted proxy is counted. */
export type ClientAddress = (request: NextRequest) => string | undefined

/** What a host may say about its surroundings. */
export interface AddressOptions {
  /**
   * The other end of the connection. Default: unknown, since Next shows its handlers no socket. `trustedProxies` of `createAuth` counts what
   * proxies of the host's own appended to `X-Forwarded-For`; a platform that has a header of its own takes a line:
   * `(request) => request.headers.get("x-real-ip") ?? undefined`.
   */
  readonly address?: ClientAddress
}

/** What the library looks at of a request. */
export function incomingOf(
  request: NextRequest,
  { address }: AddressOptions,
  waitUntil?: Context["waitUntil"],
): Incoming {
  const { pathname, search } = new URL(request.url)
  return {
    method: request.method,
    target: pathname + search,
    peerAddress: address?.(request),
    waitUntil,
    header: (name) => request.headers.get(name),
  }
}
