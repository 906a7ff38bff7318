import type { Awaitable } from "../awaitable.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { Principal } from "../sessions/session.js"
import { oncePerRequest } from "./request-memory.js"

/** A loader that several rules, and the handler behind them, may ask. */
export type Loader<C extends object, Loaded> = (
  principal: Principal<C>,
  request: GuardedRequest,
) => Awaitable<Loaded>

/**
 * A loader that runs once per request and principal, however many rules ask: `const storesOf = perRequest((principal) => db.storesOf(principal.userId))`.
 * Whoever asks while it runs waits for the same answer; afterwards it is there at once, so that rules over it are synchronous. What it answers is shared:
 * change nothing in it. It must not depend on the route's parameters, which are others behind another router ({@link access} takes
 * these). A failure is not kept, and is a fault: 503, whatever was thrown. The request is told by its object, so for a socket that lives for hours
 * hand in a new one, `{ ...request }`, whenever the answer should be one of now.
 * @throws TypeError for what is no function
 */
export function perRequest<Loaded, C extends object = object>(
  load: (principal: Principal<C>, request: Omit<GuardedRequest, "param">) => Awaitable<Loaded>,
): Loader<C, Loaded> {
  if (typeof load !== "function") {
    throw new TypeError(
      "perRequest(): no function. Write perRequest((principal) => db.storesOf(principal.userId)).",
    )
  }
  const once = oncePerRequest<C, Loaded>(
    (principal, request) => load(principal, request),
    load.name || "perRequest()",
  )
  const loader: Loader<C, Loaded> = (principal, request) => once(principal, request, "")
  return Object.defineProperty(loader, "name", { value: load.name })
}
