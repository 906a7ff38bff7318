import type { Claims, Principal, SessionView } from "@mortise/core"
import type { Failure } from "./outcome.js"

/** The signed-in user as the browser knows them. For what is shown: what is allowed, the server decides. */
export interface SessionUser<C extends object = Claims> {
  readonly id: string
  readonly claims: C
}

/** What `GET session` answers, and every route that signs in. Times are the server's. */
export type SessionJson<C extends object = Claims> =
  | { readonly user: SessionUser<C>; readonly session: SessionView }
  | { readonly user: null; readonly session: null }

/** What a server may hand in with its page: the principal of the request, null for a visitor, or the JSON of `GET session`. */
export type HandedSession<C extends object = Claims> = SessionJson<C> | Principal<C> | null

/** Nothing is known yet; `error` says why, where the server could not be asked. It is asked again by itself. */
export interface LoadingState {
  readonly status: "loading"
  readonly user: null
  readonly session: null
  readonly error: Failure | null
}

/** Somebody is signed in. `error` is why the server could not be asked lately: it signs nobody out. */
export interface SignedInState<C extends object = Claims> {
  readonly status: "signed_in"
  readonly user: SessionUser<C>
  readonly session: SessionView
  readonly error: Failure | null
}

/** Nobody is signed in. */
export interface SignedOutState {
  readonly status: "signed_out"
  readonly user: null
  readonly session: null
  readonly error: Failure | null
}

/** What a page knows of its session. The same object until something of it changes. */
export type SessionState<C extends object = Claims> = LoadingState | SignedInState<C> | SignedOutState

export const loading: LoadingState = { status: "loading", user: null, session: null, error: null }

export const nobody = { user: null, session: null } as const

/** The state that a session makes. */
export function stateOf<C extends object>({ user, session }: SessionJson<C>): SessionState<C> {
  return user
    ? { status: "signed_in", user, session, error: null }
    : { status: "signed_out", user: null, session: null, error: null }
}

/** A handed-in session as `GET session` would have answered it. */
export function sessionJson<C extends object>(handed: HandedSession<C>): SessionJson<C> {
  if (!handed) return nobody
  return "userId" in handed
    ? { user: { id: handed.userId, claims: handed.claims }, session: handed.session }
    : handed
}

/** Whether this is what it should be: it may come from a proxy's page, or from a tab with another version of the application. */
export function isSessionJson<C extends object>(json: object | undefined): json is SessionJson<C> {
  const { session, user } = (json ?? {}) as Partial<SessionJson<C>>
  return user ? typeof user.id === "string" && Number.isFinite(session?.expiresAt) : user === null
}
