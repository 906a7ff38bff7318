import type { Awaitable } from "../awaitable.js"
import type { Context } from "../context.js"
import type { Answer } from "../http/answer.js"
import type { RealmBoundary } from "../http/boundary.js"
import type { Gate } from "../http/guard.js"
import type { Incoming } from "../http/incoming.js"
import type { Principal, Sessions } from "../sessions/session.js"

/** What WebSockets need of an `Auth`. */
export interface SocketAuth<C extends object> {
  readonly gate: Gate
  readonly sessions: Pick<Sessions<C>, "read">
  readonly boundary: Pick<RealmBoundary, "at" | "notFound"> | undefined
  /** As `Auth.authenticate`. */
  authenticate(incoming: Incoming): Awaitable<{ readonly principal: Principal<C> | undefined }>
  /** As `Auth.contextOf`. */
  contextOf(incoming: Incoming): Context
  /** As `Auth.answerFault`. */
  answerFault(fault: unknown, incoming: Incoming): Answer
}
