import type { AnyAuth } from "@mortise/core"
import {
  type Accessor,
  createComponent,
  createContext,
  createResource,
  createSignal,
  type JSX,
  onCleanup,
  onMount,
  sharedConfig,
  useContext,
} from "solid-js"
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

const Context = createContext<Provided>()

/** What a `SessionProvider` is given. */
export interface SessionProviderProps<A extends AnyAuth> {
  readonly client: AuthClient<A>
  /** The session of the request that the page answers; null for a visitor. Left out, the browser asks. */
  readonly session?: HandedSession<ClaimsOf<A>> | undefined
  readonly children?: JSX.Element
}

/**
 * Gives a client to all components below. With a `session` the server renders what the browser then shows: no request, no flash, no hydration
 * mismatch. On a server nothing is kept in the client, which all requests share there.
 */
export function SessionProvider<A extends AnyAuth>(props: SessionProviderProps<A>): JSX.Element {
  const { client, session } = props
  // Before the first component below subscribes, which would make the client ask.
  if (session !== undefined && typeof document === "object") client.handIn(session)
  const rendered = session === undefined ? loading : stateOf(sessionJson(session))
  return createComponent(Context.Provider, {
    value: { client: client as unknown as AuthClient, rendered: rendered as SessionState },
    get children() {
      return props.children
    },
  })
}

/**
 * The session, kept up to date: `"loading"` until it is known, then `"signed_in"` or `"signed_out"`. However many components use it, one
 * request is sent.
 */
export function useSession<A extends AnyAuth = RegisteredAuth>(): Accessor<SessionState<ClaimsOf<A>>> {
  const { client, rendered } = useProvided()
  // While a page is hydrated, it must show what the server has rendered.
  const asRendered = typeof document !== "object" || sharedConfig.context
  const [state, setState] = createSignal(asRendered ? rendered : client.get())
  const update = (): void => void setState(client.get())
  onMount(() => {
    onCleanup(client.subscribe(update))
    update()
  })
  return state as Accessor<SessionState<ClaimsOf<A>>>
}

/** The same under a `<Suspense>`, which waits while there is nothing. On a server the session must have been handed in. */
export function useSuspenseSession<A extends AnyAuth = RegisteredAuth>(): Accessor<
  Exclude<SessionState<ClaimsOf<A>>, LoadingState> | undefined
> {
  const { client } = useProvided()
  const state = useSession<A>()
  const [known] = createResource(
    () => state().status === "loading",
    () => ready(client),
  )
  return () => {
    const now = state()
    if (now.status !== "loading") return now
    if (typeof document !== "object") throw new Error(nothingHandedIn)
    // To read it is to wait for it.
    known()
    return undefined
  }
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
