import type { Incoming, Context as StepContext } from "@mortise/core"
import { requiredMount } from "@mortise/core/binding"
import type { Context } from "hono"
import { mountsOf } from "./mounts.js"

/** Tells the other end of the connection, before any trusted proxy is counted. */
export type ClientAddress = (c: Context) => string | undefined

/** What @hono/node-server leaves in `c.env`; other runtimes tell in ways of their own, which a host passes as `address`. */
interface NodeBindings {
  readonly server?: NodeBindings
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

/** The socket's own word, on Node. */
export function socketAddress(c: Context): string | undefined {
  const env: NodeBindings | undefined = c.env
  return (env?.server ?? env)?.incoming?.socket?.remoteAddress
}

/** On Workers the runtime may end once the answer is out, unless it knows what goes on. Servers go on anyway, and have nobody to tell. */
function keepAwake(c: Context, work: Promise<unknown>): void {
  try {
    c.executionCtx.waitUntil(work)
  } catch {}
}

/** What the library looks at of a request, without building a `Request`: most need a single header. */
export function incomingOf(c: Context, address: ClientAddress): Incoming {
  const { url } = c.req
  return {
    method: c.req.method,
    target: url.slice(url.indexOf("/", url.indexOf(":") + 3)),
    peerAddress: address(c),
    waitUntil: (work) => keepAwake(c, work),
    header: (name) => c.req.header(name),
    param: (name) => c.req.param(name),
  }
}

/**
 * Where a request comes from, for a step that the host calls itself: `auth.flows.password.set(id, password, contextOf(c))`.
 * @throws Error if `mortise()` does not stand before the route
 */
export function contextOf(c: Context): StepContext {
  const { auth, incoming } = requiredMount(mountsOf(c), "contextOf(c)")
  return auth.contextOf(incoming)
}
