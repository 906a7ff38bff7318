/**
 * Why a step refused, for whoever asked. Deliberately coarse: `invalid_credentials` covers an unknown address, a wrong
 * password, an account without a password, and one that is disabled (OWASP ASVS 5.0, 6.3.8). The exact cause is in the event.
 * Every reason is explained in docs/reasons.md, which a test compares with this union.
 */
export type Reason =
  | "invalid_credentials"
  | "wrong_password"
  | "invalid_email"
  | "invalid_request"
  | "password_too_short"
  | "password_too_long"
  | "password_common"
  | "password_breached"
  | "password_unchanged"
  | "registration_closed"
  | "email_taken"
  | "rate_limited"
  | "not_signed_in"
  | "not_found"
  | "forbidden"
  | "cross_origin"
  | "unsupported_media_type"
  | "payload_too_large"
  | "method_not_allowed"
  | "conflict"
  | "oauth_state_mismatch"
  | "oauth_denied"
  | "oauth_failed"
  | "oauth_unavailable"
  | "oauth_email_missing"
  | "oauth_email_unverified"
  | "oauth_account_exists"
  | "oauth_link_required"
  | "identity_taken"
  | "reauthentication_required"
  | "last_way_in"
  | "link_invalid"
  | "link_expired"
  | "link_used"
  | "link_claim_required"
  | "code_invalid"
  | "code_expired"
  | "code_exhausted"
  | "refresh_token_invalid"
  | "refresh_token_reused"
  | "dpop_proof_invalid"
  | "mfa_required"
  | "mfa_challenge_invalid"
  | "insufficient_user_authentication"
  | "factor_unavailable"
  | "passkey_invalid"
  | "too_many_passkeys"
  | "email_unchanged"

/** A step's "no": a value, so that the compiler makes the caller look before it reaches what the step grants. */
export interface Refusal {
  readonly ok: false
  /** Of a guard it may be the rule's own word instead. */
  readonly reason: Reason
  /** Whole seconds until it is worth asking again; only with `rate_limited`. */
  readonly retryAfter?: number
  /** The host's own words for its users, where a guard gave some. */
  readonly message?: string | undefined
  /** The status that the rule wants, where it is not that of the reason. */
  readonly status?: number | undefined
  /** How the visitor goes on; only with `mfa_required`. */
  readonly next?: NextStep | undefined
}

/** What is still missing for a sign-in, and what the visitor must hold to bring it. */
export interface NextStep {
  /** The host's page that asks for it. */
  readonly page: string
  /** `Set-Cookie` values. What they hold opens nothing by itself. */
  readonly setCookie: readonly string[]
  /** For a script, beside the problem's own members. */
  readonly json: object
}

/** What a step answers: what it grants, or a {@link Refusal}. Faults are thrown instead (see {@link AuthError}). */
export type Outcome<Granted extends object = object> = ({ readonly ok: true } & Readonly<Granted>) | Refusal

/** Makes a refusal. */
export function refuse(reason: Reason, details: Omit<Refusal, "ok" | "reason"> = {}): Refusal {
  return { ok: false, reason, ...details }
}
