import type { Reason } from "@mortise/core"
import type { ChallengeView } from "@mortise/core/mfa"

/**
 * Why a call was refused or failed: the server's reasons (docs/reasons.md), and those that only a client can have: `network` (no answer),
 * `unavailable` and `internal` (5xx), `unexpected_answer` (what answered was not the library), `cookie_not_kept` (the sign-in was granted, but
 * the browser did not keep its cookie: another domain, or no https), `passkey_cancelled` (no passkey was chosen: the user said no, or has none
 * here, or waited too long).
 */
export type FailureReason =
  | Reason
  | "network"
  | "unavailable"
  | "internal"
  | "unexpected_answer"
  | "cookie_not_kept"
  | "passkey_cancelled"

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
  /** With `mfa_required`: what will do, for `mfaBegin` and `mfaVerify`, and what can be enrolled where nothing does. */
  readonly secondFactor?: SecondFactorAsked
}

/** What a sign-in is asked for that waits for its second factor. */
export type SecondFactorAsked = Pick<ChallengeView, "factors" | "enrol" | "expiresAt" | "canRemember">

/** What a call answers: what it grants, or a {@link Failure}. */
export type CallOutcome<Granted extends object = object> = ({ readonly ok: true } & Granted) | Failure

/** Makes a failure. */
export function failure(reason: FailureReason, status: number, detail: string): Failure {
  return { ok: false, reason, status, detail }
}
