import type { Inlet, LiveSockets, Wire } from "@mortise/core/socket"
import type { Context, MiddlewareHandler } from "hono"
import type { UpgradeWebSocket, WSContext, WSEvents } from "hono/ws"
import { type ClientAddress, incomingOf, socketAddress } from "./incoming.js"
import { respond } from "./respond.js"
import { openOnWorkers } from "./worker-socket.js"

/** How a host's runtime opens a WebSocket. */
export interface ServeSocketsOptions {
  /**
   * That of `@hono/node-server` (with `ws` beside it: `serve({ fetch, websocket: { server: new WebSocketServer({ noServer: true, maxPayload:
   * sockets.maxBytes }) } })`), of `hono/bun` or of `hono/deno`. On Cloudflare Workers leave it out.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what a runtime's own WebSocket is, and its options, are nothing that is looked at.
  readonly upgradeWebSocket?: UpgradeWebSocket<any, any>
  /** The other end of the connection. Default: the socket's on Node, nothing elsewhere. On Cloudflare Workers: `(c) => c.req.header("cf-connecting-ip")`. */
  readonly address?: ClientAddress
}

/** What `ws`, or another runtime's socket, may tell besides what Hono has a name for. */
interface RawSocket {
  readonly bufferedAmount?: number
  terminate?(): void
}

/** A client that does not answer a close frame is cut off after this. */
const closesWithinMs = 1_000

/**
 * Opens WebSockets at a route: `app.get("/ws", serveSockets(sockets, { upgradeWebSocket }))`. No `mortise()` needs to stand before it; below one
 * whose realm guards the path, `open` of the realm must name it, or nobody authenticates by message there.
 * @throws Error at the first upgrade, on Node, for a `WebSocketServer` whose `maxPayload` is above `sockets.maxBytes`: `ws` keeps that much of a
 * message before anybody sees it, and 100 MiB by default
 */
export function serveSockets(
  sockets: Pick<LiveSockets<never>, "admit" | "maxBytes">,
  options: ServeSocketsOptions = {},
): MiddlewareHandler {
  const { address = socketAddress, upgradeWebSocket } = options

  return async function serveSockets(c) {
    refuseLongPayloads(c, sockets.maxBytes)
    const admission = await sockets.admit(incomingOf(c, address))
    if (admission.answer) return respond(c, admission.answer)
    if (!upgradeWebSocket) return openOnWorkers(admission.open)
    const opened: Response = await upgradeWebSocket(c, eventsOf(admission.open))
    // Hono's own helper for Workers tells nobody that a socket is open: whoever never sends would never be closed.
    if ("webSocket" in opened && opened.webSocket) {
      throw new Error("On Cloudflare Workers write serveSockets(sockets), without upgradeWebSocket.")
    }
    return opened
  }
}

function eventsOf(open: (wire: Wire) => Inlet): WSEvents {
  let inlet: Inlet | undefined
  const inletOf = (ws: WSContext): Inlet => {
    inlet ??= open(wireOf(ws))
    return inlet
  }
  return {
    onOpen: (_, ws) => void inletOf(ws),
    onMessage: ({ data }, ws) => inletOf(ws).receive(data),
    onClose: () => inlet?.left(),
    onError: () => inlet?.left(),
  }
}

function wireOf(ws: WSContext): Wire {
  const raw = (ws.raw ?? {}) as RawSocket
  return {
    get bufferedAmount() {
      return raw.bufferedAmount
    },
    send: (text) => ws.send(text),
    close(code, reason) {
      ws.close(code, reason)
      const late: unknown = raw.terminate && setTimeout(() => raw.terminate?.(), closesWithinMs)
      // Node alone would wait for it before it ends.
      ;(late as { unref?(): void } | undefined)?.unref?.()
    },
  }
}

/** What @hono/node-server leaves in `c.env`. */
interface NodeBindings {
  readonly wss?: { readonly options?: { readonly maxPayload?: number | undefined } }
}

function refuseLongPayloads(c: Context, maxBytes: number): void {
  const { wss }: NodeBindings = c.env ?? {}
  if (!wss?.options) return
  const { maxPayload } = wss.options
  if (maxPayload && maxPayload <= maxBytes) return
  throw new Error(
    `serveSockets: ws keeps ${maxPayload || "any number of"} bytes of a message in memory. Write new WebSocketServer({ noServer: true, maxPayload: sockets.maxBytes }).`,
  )
}
