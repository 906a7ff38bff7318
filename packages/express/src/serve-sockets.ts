import type { Buffer } from "node:buffer"
import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import type { Inlet, LiveSockets, Wire } from "@mortise/core/socket"
import { incomingOf, refuseUpgrade, type UpgradeOptions } from "./upgrade.js"

/** What is asked of a WebSocket of `ws`. */
export interface NodeWebSocket {
  readonly bufferedAmount: number
  /** Sends a text frame. */
  send(text: string): void
  /** Sends a close frame, and waits for the client's. */
  close(code: number, reason: string): void
  /** Cuts the connection. */
  terminate(): void
  /** What the client sent. */
  on(event: "message", listener: (data: { toString(): string }, isBinary: boolean) => void): unknown
  /** It is over. */
  on(event: "close" | "error", listener: () => void): unknown
}

/** What is asked of `new WebSocketServer({ noServer: true, maxPayload: sockets.maxBytes })` of `ws`. */
export interface NodeWebSocketServer {
  readonly options: { readonly maxPayload?: number | undefined }
  /** Shakes hands. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer, done: (ws: NodeWebSocket) => void): void
}

/** Where sockets are served. */
export interface ServeSocketsOptions {
  /** What Express listens with: `const server = app.listen(3000)`. Node hands upgrade requests past Express. */
  readonly server: Pick<Server, "on" | "off" | "listenerCount">
  readonly wss: NodeWebSocketServer
  /** The one path, exactly as it is written here. Default: `/ws`. */
  readonly path?: string
  /** The other end of the connection. Default: the socket's. Proxies are counted by `trustedProxies` of `createAuth`. */
  readonly address?: (req: IncomingMessage) => string | undefined
  /** The path's parameters, for rules that look at one. No router has matched it. */
  readonly params?: UpgradeOptions["params"]
}

/** A client that does not answer a close frame is cut off after this. */
const closesWithinMs = 1_000

/**
 * Opens WebSockets at one path, for Express or any other `node:http` server, with `ws`. Upgrade requests to other paths are left to other
 * listeners; where there is none, they are answered with 404. Calling what it answers stops.
 * @throws Error for a `maxPayload` above `sockets.maxBytes`: `ws` keeps that much of a message before anybody sees it, and 100 MiB by default
 */
export function serveSockets(
  sockets: Pick<LiveSockets<never>, "admit" | "maxBytes">,
  options: ServeSocketsOptions,
): () => void {
  const { address, params, path = "/ws", server, wss } = options
  refuseLongPayloads(wss.options.maxPayload, sockets.maxBytes)

  function onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (pathOf(req) === path) void admit(req, socket, head)
    else if (server.listenerCount("upgrade") === 1)
      refuseUpgrade({ status: 404, headers: [], body: null }, socket)
  }

  async function admit(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // What breaks off meanwhile is the client's doing, and must not end the process.
    const ignore = (): void => {}
    socket.on("error", ignore)
    const incoming = incomingOf(req, { ...(params && { params }), address: address?.(req) })
    const admission = await sockets.admit(incoming)
    if (admission.answer) return refuseUpgrade(admission.answer, socket)
    if (socket.destroyed) return
    wss.handleUpgrade(req, socket, head, (ws) => {
      socket.off("error", ignore)
      connect(ws, admission.open)
    })
  }

  server.on("upgrade", onUpgrade)
  return () => void server.off("upgrade", onUpgrade)
}

function connect(ws: NodeWebSocket, open: (wire: Wire) => Inlet): void {
  const inlet = open({
    get bufferedAmount() {
      return ws.bufferedAmount
    },
    send: (text) => ws.send(text),
    close(code, reason) {
      ws.close(code, reason)
      setTimeout(() => ws.terminate(), closesWithinMs).unref()
    },
  })
  // `ws` makes one buffer of a message's fragments, and closes by itself what breaks the protocol.
  ws.on("message", (data, isBinary) => inlet.receive(isBinary ? undefined : data.toString()))
  ws.on("close", inlet.left)
  ws.on("error", inlet.left)
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] as string
}

function refuseLongPayloads(maxPayload: number | undefined, maxBytes: number): void {
  if (maxPayload && maxPayload <= maxBytes) return
  throw new Error(
    `serveSockets: ws keeps ${maxPayload || "any number of"} bytes of a message in memory. Write new WebSocketServer({ noServer: true, maxPayload: sockets.maxBytes }).`,
  )
}
