import { type IncomingMessage, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import type { Answer, AnyAuth, Authentication, Incoming, Principal, Rule } from "@mortise/core"
import { type Door, enter, guard } from "@mortise/core/binding"

/** What is known of a WebSocket's address. */
export interface UpgradeOptions {
  /** Its parameters, for rules that look at one: `{ storeCode: "ACME" }`. No router has matched it. */
  readonly params?: Readonly<Record<string, string | undefined>>
  /** The other end of the connection. Default: the socket's. */
  readonly address?: string
}

/**
 * Who opens a WebSocket, by cookie or by header as anywhere in the realm, for `server.on("upgrade", …)`: Node hands those requests past Express.
 * A browser lets any page of any site open one, with the cookies of this host: so where it comes from is checked (RFC 6455 §10.2), then the
 * realm's rule and this one. Undefined: it was refused, with an answer on the socket, which is closed. Never rejects.
 */
export async function guardUpgrade(
  door: Door,
  rule: Rule<object> | undefined,
  { req, socket }: { readonly req: IncomingMessage; readonly socket: Duplex },
  options: UpgradeOptions = {},
): Promise<Principal<object> | undefined> {
  const incoming = incomingOf(req, options)
  let entered: { readonly auth: AnyAuth; readonly found: Partial<Authentication<object>> } | undefined
  // What breaks off meanwhile is the client's doing, and must not end the process.
  socket.on("error", () => socket.destroy())
  const refused = await enter(door, {
    incoming,
    path: incoming.target,
    mounts: undefined,
    bodyOf: () => null,
    keep(auth, found) {
      entered = { auth, found }
    },
  })
  const answer = refused ?? (entered && (await guard(entered.auth, entered.found.principal, rule, incoming)))
  // Outside of all areas nobody is anybody.
  if (!answer && entered?.found.principal) return entered.found.principal
  send(answer ?? { status: 404, headers: [], body: null }, socket)
  return undefined
}

function incomingOf(req: IncomingMessage, { address, params }: UpgradeOptions): Incoming {
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
function send({ body, headers, status }: Answer, socket: Duplex): void {
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
