import type { Clock } from "./clock.js"
import type { Secret } from "./crypto/secret-ring.js"
import type { EventListener } from "./events.js"
import type { RealmDefinition } from "./http/boundary.js"
import type { CookieOptions } from "./http/cookies.js"
import type { Messages, ProblemPage } from "./http/problem.js"
import type { FlowDefinition, Pages, SessionStrategy } from "./http/route.js"
import type { JsonObject } from "./sessions/session.js"
import type { Stores, User } from "./stores/ports.js"

/** Flows by the name under which the host calls them: `auth.flows.password`. */
export type Flows = { readonly [name: string]: FlowDefinition }

/** The slots that flows and sessions need together. */
export type NeededSlots<F extends Flows, S extends SessionStrategy> =
  | F[keyof F]["needs"][number]
  | S["needs"][number]

/** The host's own user type, read off its `users` slot. */
export type UserOf<Given> = Given extends { readonly users: { find(id: string): Promise<infer U> } }
  ? Extract<U, User>
  : User

/** Everything that a host decides. What is left out has the default that its description names; nothing is read from the environment. */
export interface AuthOptions<
  F extends Flows,
  S extends SessionStrategy,
  Given extends Partial<Stores>,
  C extends JsonObject<C>,
> {
  /** The application's own origin, as browsers see it: `https://app.example.com`. Never derived from a request. */
  readonly origin: string
  /** At least 32 random characters; `[new, old]` while rotating. */
  readonly secret: Secret
  /** The stores, slot by slot; exactly the slots that flows and sessions need must be there. Later spreads win. */
  readonly stores: Given & Pick<Stores<UserOf<Given>>, NeededSlots<F, S>>
  /** How sessions are kept: `opaque()`, or `jwt()`. */
  readonly sessions: S
  readonly flows: F
  /** What every session carries of its user, at most 2 KiB as JSON. Default: nothing. */
  readonly claims?: (user: UserOf<Given>) => C
  /**
   * Name of this realm: sessions of one are refused by the others. Letters, digits and "-". Default `default`. `realm({ name, … })` of
   * `@mortise/core/realms` says besides which paths it has, and who may be there.
   */
  readonly realm?: string | RealmDefinition<C>
  readonly cookie?: CookieOptions
  /** Where the routes are. Default `/auth`, below the cookie's path. */
  readonly basePath?: string
  /** Routes under another path, by name: `{ login: "/api/v1/login" }`. */
  readonly paths?: Readonly<Record<string, string>>
  /** The host's pages that form posts lead to. */
  readonly pages?: Partial<Pages>
  /** The host's own page for a person whom the library must refuse and cannot redirect. Default: one sentence. */
  readonly problemPage?: ProblemPage
  /** The realm's own sentences by reason, in the place of the library's: `{ not_signed_in: "Store authentication required" }`. */
  readonly messages?: Messages
  /** Other origins that may post here, for example a front end of its own. Default: none. */
  readonly trustedOrigins?: readonly string[]
  /** How many reverse proxies of the host's own stand before it. Default 0: `X-Forwarded-For` is not read. */
  readonly trustedProxies?: number
  /** Hears every event, before the answer leaves. */
  readonly on?: EventListener
  /** Hears every fault that was answered with 5xx, for the host's log. Default: `console.error`. */
  readonly onFault?: (fault: unknown) => void
  /** For tests. Default: the machine's clock. */
  readonly clock?: Clock
}
