"use client"

import type { AnyAuth } from "@mortise/core"
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react"
import type { AuthClient } from "./auth-client.js"
import type { ClaimsOf } from "./calls.js"
import { nothingHandedIn, ready } from "./ready.js"
import type { RegisteredAuth } from "./register.js"
import {
  type HandedSession,
  type LoadingState,
  loading,
  type SessionState,
  sessionJson,
  stateOf,
} from "./session-state.js"

interface Provided {
  readonly client: AuthClient
  /** What the server has rendered with. */
  readonly rendered: SessionState
}

const Context = createContext<Provided | undefined>(undefined)

/** What a `SessionProvider` is given. */
export interface SessionProviderProps<A extends AnyAuth> {
  readonly client: AuthClient<A>
  /** The session of the request that the page answers; null for a visitor. Left out, the browser asks. */
  readonly session?: HandedSession<ClaimsOf<A>> | undefined
  readonly children?: ReactNode
}

/**
 * Gives a client to all components below. With a `session` the server renders what the browser then shows: no request, no flash, no hydration
 * mismatch. On a server nothing is kept in the client, which all requests share there.
 */
export function SessionProvider<A extends AnyAuth>(props: SessionProviderProps<A>): ReactNode {
  const { children, client, session } = props
  const [provided] = useState((): Provided => {
    // Before the first component below subscribes, which would make the client ask.
    if (session !== undefined && typeof document === "object") client.handIn(session)
    const rendered = session === undefined ? loading : stateOf(sessionJson(session))
    return { client: client as unknown as AuthClient, rendered: rendered as SessionState }
  })
  useEffect(() => {
    if (session !== undefined) client.handIn(session)
  }, [client, session])
  return createElement(Context.Provider, { value: provided }, children)
}

/**
 * The session, kept up to date: `"loading"` until it is known, then `"signed_in"` or `"signed_out"`. However many components use it, one
 * request is sent.
 */
export function useSession<A extends AnyAuth = RegisteredAuth>(): SessionState<ClaimsOf<A>> {
  const { client, rendered } = useProvided()
  const state = useSyncExternalStore(client.subscribe, client.get, () => rendered)
  return state as SessionState<ClaimsOf<A>>
}

/** The same under a `<Suspense>`, which waits until the session is known. On a server it must have been handed in. */
export function useSuspenseSession<A extends AnyAuth = RegisteredAuth>(): Exclude<
  SessionState<ClaimsOf<A>>,
  LoadingState
> {
  const { client } = useProvided()
  const now = useSession<A>()
  const state = now.status === "loading" ? (client.get() as typeof now) : now
  if (state.status !== "loading") return state
  if (typeof document !== "object") throw new Error(nothingHandedIn)
  // How a component suspends in React 18 and 19.
  throw ready(client)
}

/** The client, for calls: `const { login } = useAuthClient()`. */
export function useAuthClient<A extends AnyAuth = RegisteredAuth>(): AuthClient<A> {
  return useProvided().client as unknown as AuthClient<A>
}

function useProvided(): Provided {
  const provided = useContext(Context)
  if (provided) return provided
  throw new Error("There is no <SessionProvider> above this component.")
}
