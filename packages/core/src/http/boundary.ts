import type { Awaitable } from "../awaitable.js"
import type { Clock } from "../clock.js"
import type { Context } from "../context.js"
import type { EventBody } from "../events.js"
import type { Rule } from "../guards/rule.js"
import type { Refusal } from "../outcome.js"
import type { BareSessions, Resumed, Sessions } from "../sessions/session.js"
import type { Stores, User } from "../stores/ports.js"
import type { Answer } from "./answer.js"
import type { SessionCookie } from "./cookies.js"
import type { createHandler, HandlerSettings } from "./handler.js"
import type { Incoming } from "./incoming.js"
import type { Route } from "./route.js"
import type { RouteTable } from "./route-table.js"

/** A part of the host's paths that belongs to a realm. */
export interface Area {
  /** Everything at and below it. */
  readonly path: string
  /** What authenticates a request there, in the order in which it is looked at. */
  readonly credentials: readonly ("bearer" | "cookie")[]
}

/** How a target stands to a realm's areas. `misspelt` could be read as lying in one by somebody else, a router for example. */
export type Standing = "guarded" | "open" | "misspelt"

/** Where a realm is, and what is asked there. */
export interface RealmBoundary {
  readonly areas: readonly Area[]
  /** Paths in the areas that need no session. */
  readonly open: readonly string[]
  /** The name of the rule that everybody in the areas must pass. */
  readonly rule: string | undefined
  readonly cookie: { readonly name: string; readonly path: string }
  /** The stores that the host has given: realms that share some of them must share those that belong together. */
  readonly stores: Partial<Stores>
  /** How a target stands to its area, and how many segments that one's path has; undefined for what lies in none, and so is public. */
  at(target: string): { readonly standing: Standing; readonly depth: number } | undefined
  /** The answer to a target that is `misspelt`. */
  notFound(incoming: Incoming): Answer
  /** The answer to a valid token of another realm, with an event. */
  refuseForeign(userId: string, incoming: Incoming): Promise<Answer>
}

/** What decides, besides the session itself, who passes into a realm, and by what: made by `realm()`. */
export interface Boundary<C extends object> {
  /** Judged in every guarded request, before a rule of the route's own. */
  readonly rule: Rule<C> | undefined
  /** The same for the library's own routes and steps: whom the rule refuses is not signed in. */
  readonly sessions: Omit<Sessions<C>, "open">
  /** Who a request comes from, before any rule is asked. */
  resume(incoming: Incoming): Awaitable<Resumed<C> | undefined>
  /** Why this user gets no session here; undefined for those who do. */
  admit(user: User, methods: readonly string[], context: Context): Awaitable<Refusal | undefined>
  /** The session token that a request brings. */
  tokenOf(incoming: Incoming): string | undefined
  /** Whether the token stands in a header that no other site can make a browser send, so that CSRF is none. */
  isByHeader(incoming: Incoming): boolean
  /** Whether somebody who is not signed in is sent to the page for that. */
  isRedirected(incoming: Incoming): boolean
  /** `WWW-Authenticate` of a 401 (RFC 9110 §11.6.1). */
  challenge(incoming: Incoming): string
  /** What answers the library's own routes, at the addresses of the table and at more. */
  front(settings: HandlerSettings, routes: readonly Route[]): Front
}

/** The library's addresses, what answers them, and where the realm is, for one that has areas. */
export interface Front extends Pick<RouteTable, "addresses" | "owns"> {
  readonly answer: ReturnType<typeof createHandler>
  readonly site?: RealmBoundary
}

/** What a boundary is made over. */
export interface BoundaryKit<C extends object> {
  /** The strategy's, which no rule was asked about. */
  readonly bare: BareSessions<C>
  readonly cookie: SessionCookie
  readonly clock: Clock
  readonly claims: (user: User) => C
  readonly emit: (context: Context, event: EventBody) => Promise<void>
  /** As the host has given them. */
  readonly given: Partial<Stores>
  /** What a session strategy takes of `Authorization`, as a 401 says it. */
  readonly schemes: string | undefined
}

/** A realm with a boundary of its own, as `realm()` makes it. A property, so that a rule over other claims does not fit. */
export interface RealmDefinition<C extends object> {
  readonly name: string
  /** Called once, by `createAuth`. @throws ConfigError `ERR_CONFIG_REALM` */
  readonly build: (kit: BoundaryKit<C>) => Boundary<C>
}
