import type { Context } from "../context.js"
import type { GuardedRequest } from "../guarded-request.js"

/**
 * What the library needs to see of a request, whatever the framework: bindings give it without building a `Request`.
 */
export interface Incoming extends GuardedRequest {
  /** Path and query as the client wrote them, e.g. `/workspace?tab=2`. Never used for an origin. */
  readonly target: string
  /** The socket's other end; undefined where the runtime does not tell. */
  readonly peerAddress?: string | undefined
  /** See {@link Context.waitUntil}. */
  readonly waitUntil?: Context["waitUntil"]
}

/** An {@link Incoming} of a web-standard request. */
export function incomingOf(
  request: Request,
  peerAddress?: string,
  waitUntil?: Context["waitUntil"],
): Incoming {
  const { pathname, search } = new URL(request.url)
  return {
    method: request.method,
    target: pathname + search,
    peerAddress,
    waitUntil,
    header: (name) => request.headers.get(name),
  }
}

/** The path of a {@link Incoming.target}, byte for byte as the client wrote it. */
export function pathOf(target: string): string {
  const end = target.indexOf("?")
  return end < 0 ? target : target.slice(0, end)
}

/** Whether a person is looking: a browser navigating, as opposed to a script that wants JSON. */
export function wantsPage(incoming: Incoming): boolean {
  return incoming.header("accept")?.includes("text/html") ?? false
}
