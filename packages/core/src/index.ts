export {
  type AnyAuth,
  type Auth,
  type Authentication,
  createAuth,
  type StepsOf,
  type UserAdministration,
} from "./auth.js"
export type { Awaitable } from "./awaitable.js"
export type { Clock, EpochMs, Seconds } from "./clock.js"
export type { Context } from "./context.js"
export type { Secret } from "./crypto/secret-ring.js"
export type { Duration } from "./duration.js"
export { canonicalEmail } from "./email-address.js"
export type { ConfigCode } from "./errors.js"
export { AuthError, ConfigError, OverloadError, SizeError, StoreError } from "./errors.js"
export type {
  AuthEvent,
  EventBody,
  EventListener,
  Origin,
  ProofFault,
  RefreshCause,
  SessionEnd,
  SignInCause,
  TokenCause,
} from "./events.js"
export type { GuardedRequest } from "./guarded-request.js"
export type { Rule, Verdict } from "./guards/rule.js"
export { type Answer, toResponse } from "./http/answer.js"
export type { Body } from "./http/body.js"
export type { MayOpenSession, OpensSession, RouteCall, SessionCalls } from "./http/calls.js"
export type { CookieOptions } from "./http/cookies.js"
export type { Incoming } from "./http/incoming.js"
export type { Problem, ProblemPage } from "./http/problem.js"
export type { FlowDefinition, Pages, SessionStrategy } from "./http/route.js"
export type { RouteAddress } from "./http/route-table.js"
export { type OpaqueOptions, opaque } from "./opaque.js"
export type { AuthOptions, Flows, NeededSlots, UserOf } from "./options.js"
export type { Outcome, Reason, Refusal } from "./outcome.js"
export type {
  Claims,
  IssuedTokens,
  JsonObject,
  OpenedSession,
  Principal,
  Resumed,
  Sessions,
  SessionView,
} from "./sessions/session.js"
export type * from "./stores/ports.js"
