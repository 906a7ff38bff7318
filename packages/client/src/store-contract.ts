import type { AskServer } from "./ask-server.js"
import type { HandedSession, SessionJson, SessionState } from "./session-state.js"

/** What every tab of an application knows of its session, kept up to date. */
export interface SessionStore<C extends object> {
  /** The state as it is known now. The same object until something changes. */
  get(): SessionState<C>
  /** Calls `listener` after every change; answers how to stop that. The first listener makes the store ask the server, if nobody handed the session in. */
  subscribe(listener: () => void): () => void
  /** Asks the server now, once for all who ask at the same time. Never rejects. */
  refresh(): Promise<SessionState<C>>
  /** Makes the session's life longer now, as the store does by itself while somebody is there. Never rejects. */
  renew(): Promise<SessionState<C>>
  /** Takes over what a server handed in with its page. If something else is known already, the server is asked which is true. */
  handIn(session: HandedSession<C>): void
  /** The server's time as far as it is known, in epoch milliseconds: for showing how long a session still lives. */
  serverTime(): number
  /** Ends all listening and all timers, for good. */
  close(): void
}

/** What a store is made of. */
export interface StoreParts {
  readonly ask: AskServer
  readonly paths: { readonly session: string; readonly refresh: string }
  /** The same in all tabs of one application, and in no others. */
  readonly name: string
  readonly staleAfterMs: number
  readonly clock: () => number
  readonly random: () => number
}

/** The store, and what calls tell it. */
export interface WrittenStore<C extends object> extends SessionStore<C> {
  /** While a call runs that may sign in or out, nothing else is asked: its cookie could come after that of the call. */
  alone<Result>(call: () => Promise<Result>): Promise<Result>
  /** Somebody was signed in by a call. Answers whether the browser has kept the cookie, as far as can be known. */
  signedIn(granted: SessionJson<C>): Promise<boolean>
  /** The session was ended by a call. */
  signedOut(): void
}
