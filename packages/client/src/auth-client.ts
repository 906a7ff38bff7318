import type { AnyAuth } from "@mortise/core"
import { askServer } from "./ask-server.js"
import { type CallsOf, type ClaimsOf, callsOver } from "./calls.js"
import { type CallName, routes } from "./routes.js"
import type { HandedSession } from "./session-state.js"
import { sessionStore } from "./session-store.js"
import type { SessionStore } from "./store-contract.js"

/** The store of one realm's session, and a call for each of its routes. */
export type AuthClient<A extends AnyAuth = AnyAuth> = SessionStore<ClaimsOf<A>> & CallsOf<A>

/** What a host says of its server. All of it has a default. */
export interface AuthClientOptions<C extends object> {
  /** Where the routes are, as `createAuth` has it. Default `/auth`. */
  readonly basePath?: string
  /** The server's origin where it is not the page's: it must let this page's in (`trustedOrigins`, CORS with credentials). */
  readonly baseUrl?: string
  /** Routes under other paths, as `createAuth` has them. */
  readonly paths?: Readonly<Partial<Record<CallName | "session" | "refresh", string>>>
  /** What the server handed in with its page: then nothing is asked at the start. */
  readonly session?: HandedSession<C>
  /** Seconds after which what is known is asked again when somebody comes back to the tab. Default 60. */
  readonly staleAfter?: number
  /** Seconds after which a request counts as not answered. Default 20. */
  readonly timeout?: number
  /** Sends requests. Default: the browser's. */
  readonly fetch?: typeof fetch
  /** For tests. Default: the browser's clock. */
  readonly clock?: () => number
  /** For tests: a number from 0 to below 1. Default: `Math.random`, which is good enough to spread tabs. */
  readonly random?: () => number
}

/**
 * Makes the client of one `Auth`: `createAuthClient<typeof auth>()`, with `import type` of it, so that nothing of the server comes along. One
 * for a whole page. On a server it does nothing by itself, so one may stand in a module that both load.
 */
export function createAuthClient<A extends AnyAuth>(
  options: AuthClientOptions<ClaimsOf<A>> = {},
): AuthClient<A> {
  const { basePath = "/auth", baseUrl = "", clock = Date.now, paths = {}, random = Math.random } = options
  const { fetch: send, session, staleAfter = 60, timeout = 20 } = options
  const pathOf = (name: keyof typeof paths, path: string): string => paths[name] ?? path
  const ask = askServer(
    (path) => baseUrl + (path.startsWith("/") ? path : `${basePath}/${path}`),
    timeout * 1000,
    send,
  )
  const store = sessionStore<ClaimsOf<A>>({
    ask,
    paths: { session: pathOf("session", "session"), refresh: pathOf("refresh", "refresh") },
    name: `mortise ${baseUrl}${basePath}`,
    staleAfterMs: staleAfter * 1000,
    clock,
    random,
  })
  if (session !== undefined) store.handIn(session)
  const { alone, signedIn, signedOut, ...open } = store
  const calls = callsOver(ask, (name) => pathOf(name, routes[name].split(" ", 1)[0] ?? ""), store)
  // Of these calls the types let through those whose routes the host has.
  return { ...open, ...calls } as unknown as AuthClient<A>
}
