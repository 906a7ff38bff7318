import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import type { AnyAuth, Authentication, Principal, Rule } from "@mortise/core"
import { type Door, enter, guard } from "@mortise/core/binding"
import { incomingOf, refuseUpgrade, type UpgradeOptions } from "./upgrade.js"

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
  refuseUpgrade(answer ?? { status: 404, headers: [], body: null }, socket)
  return undefined
}
