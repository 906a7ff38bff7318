import { type IncomingMessage, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import type { Answer, Incoming } from "@mortise/core"

/** What is known of a WebSocket's address. */
export interface UpgradeOptions {
  /** Its parameters, for rules that look at one: `{ storeCode: "ACME" }`. No router has matched it. */
  readonly params?: Readonly<Record<string, string | undefined>>
  /** The other end of the connection. Default: the socket's. */
  readonly address?: string | undefined
}

/** What the library looks at of an upgrade request, which no Express has touched. */
export function incomingOf(req: IncomingMessage, { address, params }: UpgradeOptions): Incoming {
  const { headers, method = "GET", url: target = "/" } = req
  return {
    method,
    target,
    peerAddress: address ?? req.socket.remoteAddress,
    header: (name) => headers[name]?.toString(),
    param: (name) => (params && Object.hasOwn(params, name) ? params[name] : undefined),
  }
}

/** HTTP/1.1 by hand: there is no response object before the handshake (RFC 9112 §4). */
export function refuseUpgrade({ body, headers, status }: Answer, socket: Duplex): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "connection: close",
  ]
  // Whoever does not close its end, or does not read, keeps no socket of ours.
  const late = setTimeout(() => socket.destroy(), 5_000).unref()
  socket.once("finish", () => socket.destroy()).once("close", () => clearTimeout(late))
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`)
}
