import type { Context } from "../context.js"
import type { FlowKit, Opens, SecondFactor } from "../flows/flow.js"
import type { GuardedRequest } from "../guarded-request.js"
import { type Refusal, refuse } from "../outcome.js"
import type { BareSessions, OpenedSession, Principal, SessionKit, Sessions } from "../sessions/session.js"
import type { SlotName } from "../stores/ports.js"
import type { Answer } from "./answer.js"
import type { SessionCookie } from "./cookies.js"
import { type Shape, textFields } from "./fields.js"
import type { Incoming } from "./incoming.js"
import { principalJson } from "./principal-json.js"
import type { Reasons } from "./problem.js"

/** Pages of the host that form posts lead to, each a path on its own origin. */
export interface Pages {
  /** Where to sign in. Default `/sign-in`. */
  readonly signIn: string
  /** Where to create an account. Default `/register`. */
  readonly register: string
  /** After signing in, unless a return path says otherwise. Default `/`. */
  readonly home: string
  /** After signing out. Default `/`. */
  readonly signedOut: string
  /** Where the password is changed. Default `/account`. */
  readonly account: string
  /** Where the user sees their sessions. Default `/devices`. */
  readonly devices: string
  /** Where somebody who came through a provider proves that the account with their e-mail address is theirs. Default `/link-account`. */
  readonly link: string
}

/** A page by its name, or a path of a flow's own. */
export type Page = keyof Pages | `/${string}`

/** One request to a route, with everything that its step may need. */
export interface Call<Body> {
  readonly body: Body
  readonly params: Readonly<Record<string, string>>
  readonly incoming: Incoming
  readonly context: Context
  readonly sessions: Sessions<object>
}

/** What a route grants: JSON for a script, a page for a form, and what happens to the session cookie. */
export interface Grant {
  readonly ok: true
  readonly status?: 200 | 202
  readonly json: object | null
  /** The page after a form post; a valid `return_to` field goes before `home`, and is handed on to any other. */
  readonly page: Page
  /** A word for that page's query, for example `notice=registered`. */
  readonly notice?: string
  /** The new session token, where there is one, or `"clear"`. */
  readonly cookie?: { readonly token?: string | undefined } | "clear" | undefined
  /** The session that was opened or renewed. */
  readonly opened?: OpenedSession<object>
  /** `Set-Cookie` values of the flow's own cookies. */
  readonly setCookie?: readonly string[]
}

/** What every sign-in grants: who signed in, and the session's cookie, or its tokens to a client that keeps them itself. */
export function grantSession(opened: OpenedSession<object>, page: Page): Grant {
  const { issued, principal } = opened
  const json = { ...principalJson(principal), ...issued }
  return { ok: true, json, page, cookie: issued ? undefined : opened, opened }
}

/** A route: address, body and step. */
export interface Route {
  /** The key under which a host may rename it. */
  readonly name: string
  readonly method: "GET" | "POST" | "DELETE"
  /** Below the base path; a segment that starts with ":" is a parameter. */
  readonly path: string
  /** Where a refused form goes back to. */
  readonly refusedPage: Page
  /** Takes posts from other sites. Only for a route whose step proves by itself that this browser asked for the request. */
  readonly crossSite?: true
  /** Parses, then takes the step. An {@link Answer} goes out as it is: for a route that sends the browser off to another site. */
  answer(call: Call<unknown>): Promise<Grant | Refusal | Answer>
}

interface RouteDefinition<Body> extends Omit<Route, "answer" | "method" | "path" | "refusedPage"> {
  /** Default `POST`. */
  readonly method?: Route["method"]
  /** Default: the name. */
  readonly path?: string
  /** Default `signIn`. */
  readonly refusedPage?: Page
  readonly body?: Shape<Body>
  readonly step: (call: Call<Body>) => Promise<Grant | Refusal | Answer>
}

/** Joins a body's shape to the step that takes it. */
export function route<Body = object>(definition: RouteDefinition<Body>): Route {
  const { body: shape = textFields() as Shape<Body>, step, ...address } = definition
  return {
    method: "POST",
    refusedPage: "signIn",
    path: definition.name,
    ...address,
    async answer(call) {
      const body = shape(call.body)
      return body === undefined ? refuse("invalid_request") : step({ ...call, body })
    },
  }
}

/** A step that is taken for a signed-in user only. */
export function signedIn<Body, Result>(
  step: (principal: Principal<object>, call: Call<Body>) => Promise<Result>,
): (call: Call<Body>) => Promise<Result | Refusal> {
  return async function signedInStep(call) {
    const principal = await call.sessions.read(call.context.token, call.incoming)
    return principal ? step(principal, call) : refuse("not_signed_in")
  }
}

/** A flow as a host adds it: the slots that it needs, its steps, and its routes. */
export interface FlowDefinition<
  Slots extends SlotName = SlotName,
  Steps extends object = object,
  Calls extends object = object,
> {
  readonly needs: readonly Slots[]
  /** Never there: carries the types of the flow's routes to `@mortise/client`, each a {@link RouteCall} under its route's name. */
  readonly calls?: Calls
  /** Makes steps and routes over one realm; called once, by `createAuth`. @throws ConfigError */
  build(kit: FlowKit<Slots>, site: Site): BuiltFlow<Steps>
}

/** A way of keeping sessions as a host names it: which slots it needs, and how it is built over them. */
export interface SessionStrategy<Slots extends SlotName = SlotName> {
  readonly needs: readonly Slots[]
  /** Makes the sessions of one realm; called once, by `createAuth`. @throws ConfigError */
  build<C extends object>(kit: SessionKit<Slots, C>): BuiltSessions<C>
}

/** Sessions of one realm, and their own addresses. */
export interface BuiltSessions<C extends object> {
  readonly sessions: BareSessions<C>
  readonly routes: readonly Route[]
  /** Status of the reasons that only this strategy has. */
  readonly reasons: Reasons
  /** What of `Authorization` it takes, as a 401 says it (RFC 9110 §11.6.1). */
  readonly schemes?: string
  /** Refuses a request whose session could not be opened as it asks, before a step looks at a password or uses a link up. */
  unfit?(request: GuardedRequest): Promise<Refusal | undefined>
}

/** The realm as its visitors see it, for routes that answer by themselves. */
export interface Site {
  readonly origin: string
  readonly pages: Pages
  readonly cookie: SessionCookie
  /** The path of a route, under the name that the host gave it. Parameters stand in it as `:name`. */
  pathOf(route: Pick<Route, "name" | "path">): string
}

/** A flow over one realm. */
export interface BuiltFlow<Steps extends object> {
  readonly steps: Steps
  readonly routes: readonly Route[]
  /** Cookies of the flow's that end with the session. */
  readonly cookies?: readonly SessionCookie[]
  /** By which credentials one can sign in through this flow. */
  readonly opens: Opens
  /** Asked before any session is opened, whatever the flow; at most one flow of a realm has it. */
  readonly secondFactor?: SecondFactor
  /** Status of the reasons that only this flow has, and a sentence where the reason's own words would not do. */
  readonly reasons: Reasons
}
