export { type AuthClient, type AuthClientOptions, createAuthClient } from "./auth-client.js"
export type { CallOf, CallsOf, ClaimsOf, Opened } from "./calls.js"
export type { CallOutcome, Failure, FailureReason, SecondFactorAsked } from "./outcome.js"
export type { Register, RegisteredAuth } from "./register.js"
export type { CallName } from "./routes.js"
export type {
  HandedSession,
  LoadingState,
  SessionJson,
  SessionState,
  SessionUser,
  SignedInState,
  SignedOutState,
} from "./session-state.js"
export type { SessionStore } from "./store-contract.js"
