import type { Reason } from "@mortise/core"

/**
 * Why a call was refused or failed: the server's reasons (docs/reasons.md), and those that only a client can have: `network` (no answer),
 * `unavailable` and `internal` (5xx), `unexpected_answer` (what answered was not the library), `cookie_not_kept` (the sign-in was granted, but
 * the browser did not keep its cookie: another domain, or no https).
 */
export type FailureReason =
  | Reason
  | "network"
  | "unavailable"
  | "internal"
  | "unexpected_answer"
  | "cookie_not_kept"

/** A "no", as a value: nothing that a visitor or the network can cause is thrown. */
export interface Failure {
  readonly ok: false
  readonly reason: FailureReason
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number
  /** A sentence for people, in English. */
  readonly detail: string
  /** Whole seconds until it is worth asking again. */
  readonly retryAfter?: number
}

/** What a call answers: what it grants, or a {@link Failure}. */
export type CallOutcome<Granted extends object = object> = ({ readonly ok: true } & Granted) | Failure

/** Makes a failure. */
export function failure(reason: FailureReason, status: number, detail: string): Failure {
  return { ok: false, reason, status, detail }
}
