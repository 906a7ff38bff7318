import type {
  AnyAuth,
  Auth,
  Flows,
  MayOpenSession,
  OpensSession,
  RouteCall,
  SessionCalls,
  SessionView,
} from "@mortise/core"
import type { AskServer } from "./ask-server.js"
import { type CallOutcome, failure } from "./outcome.js"
import { bodyOf, type CallName, routes } from "./routes.js"
import { isSessionJson, type SessionUser } from "./session-state.js"
import type { WrittenStore } from "./store-contract.js"

/** What the sessions of an `Auth` carry. */
export type ClaimsOf<A extends AnyAuth> = A extends Auth<Flows, infer C> ? C : never

/** The routes that an `Auth` has, by name. */
type RoutesOf<A extends AnyAuth> =
  A extends Auth<infer F, object> ? SessionCalls & Both<NonNullable<F[keyof F]["calls"]>> : never

/** All members of a union at once. */
type Both<Union> = (Union extends unknown ? (member: Union) => void : never) extends (
  member: infer All,
) => void
  ? All
  : never

/** What a sign-in grants. */
export interface Opened<C extends object> {
  readonly user: SessionUser<C>
  readonly session: SessionView
}

type Granted<G, C extends object> = G extends OpensSession
  ? Omit<G, "opens"> & Opened<C>
  : G extends MayOpenSession
    ? Omit<G, "opens"> & (Opened<C> | { readonly user?: undefined; readonly session?: undefined })
    : G

/** The call of one route. */
export type CallOf<R, C extends object> =
  R extends RouteCall<infer Input, infer Grants>
    ? (...input: Input) => Promise<CallOutcome<Granted<Grants, C>>>
    : never

/** One function for each route of the flows that the host has. */
export type CallsOf<A extends AnyAuth> = {
  readonly [Name in keyof RoutesOf<A> & CallName]: CallOf<RoutesOf<A>[Name], ClaimsOf<A>>
}

type Fields = Readonly<Record<string, unknown>>

/** Makes all calls, whichever of them the host's flows have: the types say that. */
export function callsOver<C extends object>(
  ask: AskServer,
  pathOf: (name: CallName) => string,
  store: WrittenStore<C>,
): Readonly<Record<CallName, (...input: readonly (string | Fields)[]) => Promise<CallOutcome>>> {
  async function call(name: CallName, input: readonly (string | Fields)[]): Promise<CallOutcome> {
    const [, method = "POST"] = routes[name].split(" ")
    const parameter = typeof input[0] === "string" ? input[0] : ""
    const fields = (parameter ? input[1] : input[0]) as Fields | undefined
    const own = store.get().session?.id
    const answer = await ask({
      method,
      path: pathOf(name).replace(/:\w+/, encodeURIComponent(parameter)),
      body: method === "POST" ? bodyOf(fields) : undefined,
    })
    if (!answer.ok) {
      if (answer.reason === "not_signed_in" && own) void store.refresh()
      return answer
    }
    if (ends(name, parameter || fields?.["session"], own)) store.signedOut()
    return isSessionJson<C>(answer.json) && answer.json.user && !(await store.signedIn(answer.json))
      ? failure("cookie_not_kept", 200, "The browser did not keep the session's cookie.")
      : { ...answer.json, ok: true }
  }

  return Object.fromEntries(
    (Object.keys(routes) as CallName[]).map((name) => [
      name,
      (...input: readonly (string | Fields)[]) =>
        routes[name].endsWith("GET") ? call(name, input) : store.alone(() => call(name, input)),
    ]),
  ) as ReturnType<typeof callsOver<C>>
}

/** Whether a call that was granted has ended the tab's own session. */
function ends(name: CallName, session: unknown, own: string | undefined): boolean {
  return (
    name === "logout" ||
    name === "accountDeactivate" ||
    name === "accountErase" ||
    (name.startsWith("end") && (session === "all" || session === own))
  )
}
