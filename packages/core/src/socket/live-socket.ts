import type { Incoming } from "../http/incoming.js"
import type { Principal } from "../sessions/session.js"

/** An authenticated WebSocket, as a host has it. It holds no token. */
export interface LiveSocket<C extends object> {
  /** As of the last time that the session was read: at most `recheck` ago, and after every message about it. */
  readonly principal: Principal<C>
  /** What it was opened with: `param()`, `header()`, `target`. */
  readonly request: Incoming
  /** False from the moment at which anybody decides that it is to be closed. */
  readonly isOpen: boolean
  /**
   * Sends a text. False, and nothing is sent, where it is closed or its session is over; where the client has more than `maxBuffered` bytes to
   * read, it is closed with `too_slow` besides.
   */
  send(text: string): boolean
  /** Default: 1000, without a reason. 4000 to 4999 are free for hosts, but the library's own. */
  close(code?: number, reason?: string): void
}

/** What a host hears of its sockets. A handler that throws, or rejects, closes the socket with 1011 and is a fault in the host's log. */
export interface SocketHandlers<C extends object> {
  /** It is authenticated, and the client was told so. */
  onOpen?(socket: LiveSocket<C>): void | Promise<void>
  /**
   * A text from an authenticated client, in the order of arrival; a promise is not waited for before the next one. Never one of the library's own
   * `Authenticate`.
   */
  onMessage?(principal: Principal<C>, data: string, socket: LiveSocket<C>): void | Promise<void>
  /** Once for every socket that `onOpen` was called with. `code` is undefined where the client left. */
  onClose?(socket: LiveSocket<C>, why: SocketClosed): void | Promise<void>
}

/** With what a socket was closed from here. */
export interface SocketClosed {
  readonly code: number | undefined
  readonly reason: string
}
