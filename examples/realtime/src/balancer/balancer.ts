import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http"
import { tunnel } from "./tunnel.js"
import { markDown, roundRobin, type Upstream } from "./upstream.js"

/** Longest that a server may take to begin its answer. */
const patience = 10_000

/** Methods that may be repeated: a second time changes nothing more (RFC 9110 §9.2.2). None of ours has a body. */
const repeatable: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "OPTIONS"])

/** Headers that belong to one connection and not to the message (RFC 9110 §7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
])

/**
 * A load balancer: in turn, and past a server that is gone. A request that cannot have reached a server, or that may be repeated, is
 * given to the next one, so the death of a server is noticed only by requests that were changing something on it at that moment.
 */
export function createBalancer(upstreams: readonly Upstream[]): Server {
  const next = roundRobin(upstreams)
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, next()))
  return server.on("upgrade", (incoming, socket, head) => tunnel(incoming, socket, head, next()))
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, choice: readonly Upstream[]): void {
  const [chosen, ...others] = choice
  if (!chosen) {
    answer(outgoing, 503, "No server is up. Please try again in a moment.")
    return
  }

  const mayRepeat = repeatable.has(incoming.method)
  const { method, url } = incoming
  const sent = request({
    host: "127.0.0.1",
    port: chosen.port,
    method,
    path: url,
    headers: forwardedHeaders(incoming),
    agent: mayRepeat ? chosen.kept : chosen.fresh,
    timeout: patience,
  })
  // Nothing of a body leaves before there is a connection, so until then it is whole and can go to another server.
  let bodyLeft = false
  sent.on("socket", (socket) => {
    const begin = (): void => {
      bodyLeft = true
      incoming.pipe(sent)
    }
    if (socket.connecting) socket.once("connect", begin)
    else begin()
  })
  sent.on("response", (received) => {
    outgoing.writeHead(received.statusCode ?? 502, endToEnd(received.headers))
    received.pipe(outgoing)
    received.on("error", () => outgoing.destroy())
  })
  sent.on("timeout", () => sent.destroy(new Error("The server took too long.")))
  sent.on("error", () => {
    if (outgoing.destroyed) return
    markDown(chosen)
    incoming.unpipe(sent)
    if (outgoing.headersSent) outgoing.destroy()
    else if (mayRepeat || !bodyLeft) forward(incoming, outgoing, others)
    else answer(outgoing, 502, "The server went away. Please look whether your change was made.")
  })
  // A visitor who leaves need not be served any more.
  outgoing.on("close", () => sent.destroy())
}

/** The client's address is what we see. What the client itself wrote about it is worth nothing, so it goes no further. */
function forwardedHeaders(incoming: IncomingMessage): IncomingHttpHeaders {
  return { ...endToEnd(incoming.headers), "x-forwarded-for": incoming.socket.remoteAddress ?? "" }
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set(headers.connection?.toLowerCase().split(/\s*,\s*/))
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)),
  )
}

function answer(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "retry-after": "1",
    // A body may still be on its way in; a new connection spares both sides waiting for it.
    connection: "close",
  })
  outgoing.end(`${text}\n`)
}
