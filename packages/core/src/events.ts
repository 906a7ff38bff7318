import type { EpochMs } from "./clock.js"

/** Where an event came from; all of it unverified but `address`, which is as good as the host's trusted proxies. */
export interface Origin {
  readonly realm: string
  readonly at: EpochMs
  /** Canonical client address, or "". */
  readonly address: string
  readonly userAgent: string
}

/** The exact cause of a refused sign-in: for logs and the audit, never for the visitor. */
export type SignInCause =
  | "unknown_email"
  | "malformed_email"
  /** Where users sign in by names. What has an at-sign is an e-mail address there too. */
  | "unknown_username"
  | "malformed_username"
  | "no_password"
  | "wrong_password"
  | "input_too_long"
  | "backing_off"
  | "disabled"
  | "email_unverified"
  | "revoked_meanwhile"
  /** Everything was right, but the realm's rule does not let this user in. */
  | "not_admitted"
  /** Everything was right, and a second factor is missing: the sign-in goes on with it. */
  | "mfa_required"
  | OAuthCause
  | LinkCause
  | PasskeyCause

/** Why a sign-in by passkey was refused. */
export type PasskeyCause =
  /** Used, expired, of another purpose, realm or browser, or none at all. */
  | "challenge_invalid"
  | "unknown_passkey"
  /** Of another origin, not signed with its key, or without its user. */
  | "passkey_invalid"
  | "passkey_copied"

/** Why a sign-in by mail was refused. */
export type LinkCause =
  /** Changed, of another secret, realm or origin, or none at all. */
  | "link_invalid"
  | "link_expired"
  | "link_used"
  /** The account was never verified and can be entered otherwise; the owner has not agreed yet to take it over. */
  | "claim_required"
  | "code_wrong"
  /** No code was asked for in this browser, or it is older than its link. */
  | "code_expired"
  /** Five tries, or too many of one mailbox. */
  | "code_exhausted"
  | "registration_closed"

/** Why a sign-in through a provider was refused. */
export type OAuthCause =
  /** State, browser and provider do not belong together, or the attempt is used up or older than ten minutes. */
  | "state_mismatch"
  /** The user said no at the provider. */
  | "denied"
  /** The provider's answer to the browser was an error, or had a wrong `iss` or doubled parameters. */
  | "response_invalid"
  | "provider_unavailable"
  /** The token endpoint refused the code, or answered nonsense. */
  | "token_refused"
  | "id_token_invalid"
  | "profile_invalid"
  | "email_missing"
  | "registration_closed"
  /** An account has this e-mail address, and linking takes more than that. */
  | "link_required"
  | "account_exists"
  | "identity_taken"

/** Why a token (JWT) was not taken. */
export type TokenCause =
  /** No JWT, or one whose claims are not of their types. */
  | "malformed"
  /** No key of the ring has its `kid`: made under a key that was taken out, or by somebody else. */
  | "unknown_key"
  /** Its header names another algorithm than its key has. */
  | "wrong_algorithm"
  | "bad_signature"
  /** Another kind of token (`typ`). */
  | "wrong_type"
  | "wrong_issuer"
  | "wrong_audience"
  | "wrong_realm"
  /** Made in the future, by more than the leeway: the clocks of two servers differ. */
  | "not_yet_valid"
  /** Beyond its grace period. */
  | "expired"
  /** Its session has ended. */
  | "revoked"
  /** Bound to a key and presented as a bearer token, or the other way round (RFC 9449 §7.1, §7.2). */
  | "wrong_scheme"
  /** The proof of its key is missing, wrong or used; `detail` says what. */
  | "proof_invalid"

/** Why a request does not prove that it comes from whoever has the key (RFC 9449 §4.3). */
export type ProofFault =
  | "missing"
  | "malformed"
  | "wrong_type"
  | "wrong_algorithm"
  /** The key's private part stands in it. */
  | "private_key"
  | "bad_signature"
  | "wrong_method"
  | "wrong_target"
  /** More than a minute old, or ahead. */
  | "not_now"
  /** Of another key than session or family are bound to. */
  | "wrong_key"
  /** Made for another access token. */
  | "wrong_token"
  | "replayed"

/** Why a refresh token of ours was refused. What was not made here is no event: anybody can send any number of those. */
export type RefreshCause =
  /** No store knows its family any more: over, or lost. */
  | "family_unknown"
  /** One of the family was used twice before. */
  | "family_ended"
  /** Younger than what the store knows: an older copy of the store was put back. The family ends. */
  | "generation_ahead"
  | "session_ended"
  /** Disabled, or gone. */
  | "user_disabled"
  | "proof_invalid"

/** What somebody can prove themselves with besides the first factor. */
export type FactorKind = "totp" | "passkey" | "phone" | "email" | "recovery_code"

/** Why a second factor was not taken. */
export type FactorCause =
  /** Used, expired, of another realm, or none at all. */
  | "challenge_invalid"
  | "code_wrong"
  /** The right code, a second time. */
  | "code_used"
  | "not_enrolled"
  | "passkey_invalid"
  /** A counter that went back: the authenticator may have been copied (WebAuthn §6.1.1). */
  | "passkey_copied"
  | "revoked_meanwhile"
  | "disabled"

/** Why a session ended before its time. */
export type SessionEnd =
  | "signed_out"
  | "revoked"
  | "replaced"
  | "password_changed"
  | "permissions_changed"
  | "refresh_token_reused"
  | "disabled"
  | "identity_unlinked"
  | "claimed"
  | "factor_changed"
  | "password_reset"
  | "email_changed"
  | "deactivated"
  | "erased"

/** Why an authenticated WebSocket was closed. */
export type SocketEnd =
  /** The client closed it, or the connection broke. */
  | "left"
  | "closed_by_host"
  /** It was authenticated again, with a token of another session of the same user, and stays open. */
  | "replaced"
  | "going_away"
  | "session_ended"
  | "session_expired"
  | "forbidden"
  | "too_slow"
  /** A store is down, or the host's own code threw. */
  | "unavailable"
  | SocketMisuse
  /** Authenticated again with a token that is none, or somebody else's. */
  | "not_signed_in"

/** What no client of the host's sends. */
type SocketMisuse = "binary" | "payload_too_large" | "invalid_request" | "rate_limited"

/** Why a WebSocket was closed that nobody had been authenticated on. */
export type SocketRefusal =
  | SocketMisuse
  | "not_authenticated_in_time"
  | "token_refused"
  /** A token of somebody else than the message named. */
  | "wrong_user"
  | "forbidden"
  | "unavailable"

/**
 * Everything that happens, one member each, handed to `on` and to the `audit` slot. No member holds a password, token, hash or
 * code. An e-mail address, or a user name, is there only where no user id exists yet, as a keyed digest (`emailDigest`).
 */
export type AuthEvent = Origin & EventBody

/** What is special to each kind of event. */
export type EventBody =
  | { readonly type: "user.registered"; readonly userId: string }
  | { readonly type: "user.registration_refused"; readonly cause: "email_taken" | "closed" | "policy" }
  | { readonly type: "user.disabled" | "user.enabled"; readonly userId: string }
  | {
      readonly type: "sign_in.succeeded"
      readonly userId: string
      readonly flow: string
      readonly sessionId: string
    }
  | {
      readonly type: "sign_in.refused"
      readonly flow: string
      readonly cause: SignInCause
      readonly userId?: string
      /** Of what was typed as the name: an e-mail address, or a user name where those count. */
      readonly emailDigest?: string
      /** The provider's name, for sign-ins through one. */
      readonly provider?: string
      /** A stable code that says more: of the provider (`invalid_client`), or of what was wrong with its answer. Never its text. */
      readonly detail?: string
    }
  | {
      readonly type: "session.opened" | "session.renewed" | "session.rotated"
      readonly userId: string
      readonly sessionId: string
    }
  | {
      readonly type: "session.ended"
      readonly userId: string
      readonly sessionId: string
      readonly cause: SessionEnd
    }
  | { readonly type: "session.token_mismatch"; readonly userId: string; readonly sessionId: string }
  | {
      readonly type: "session.token_refused"
      readonly cause: TokenCause
      /** Known where the signature was right. */
      readonly userId?: string
      readonly sessionId?: string
      readonly detail?: ProofFault
    }
  /** A refresh token was used twice: one of the two who hold it is a thief. The session has ended before this is told. */
  | { readonly type: "refresh_token.reused"; readonly userId: string; readonly sessionId: string }
  | {
      readonly type: "refresh_token.refused"
      readonly cause: RefreshCause
      readonly userId?: string
      readonly sessionId?: string
      readonly detail?: ProofFault
    }
  | { readonly type: "password.changed" | "password.rehashed"; readonly userId: string }
  | {
      readonly type: "password.change_refused"
      readonly userId: string
      readonly cause: "wrong_password" | "no_password" | "policy"
    }
  | {
      readonly type: "password.confirm_refused"
      readonly userId: string
      readonly cause: "wrong_password" | "no_password"
    }
  | {
      readonly type: "identity.linked" | "identity.unlinked" | "identity.claimed"
      readonly userId: string
      readonly provider: string
    }
  | {
      readonly type: "identity.link_refused"
      readonly userId: string
      readonly provider: string
      readonly cause: OAuthCause | "revoked_meanwhile"
      readonly detail?: string
    }
  | { readonly type: "magic_link.requested"; readonly emailDigest: string; readonly locale: string }
  | { readonly type: "user.claimed"; readonly userId: string }
  /** A second factor was right: for a sign-in, for a session that is to be fresh, or to enrol it. */
  | {
      readonly type: "factor.passed"
      readonly userId: string
      readonly factor: FactorKind
      readonly purpose: "sign_in" | "step_up" | "enrolment"
    }
  | {
      readonly type: "factor.refused"
      readonly userId?: string
      readonly factor: FactorKind
      readonly cause: FactorCause
    }
  | { readonly type: "factor.code_sent"; readonly userId: string; readonly factor: FactorKind }
  | {
      readonly type: "factor.enrolled" | "factor.removed"
      readonly userId: string
      readonly factor: FactorKind
    }
  /** Its user has proven again who they are. */
  | { readonly type: "session.elevated"; readonly userId: string; readonly sessionId: string }
  | { readonly type: "device.remembered"; readonly userId: string }
  | { readonly type: "password.reset_requested"; readonly emailDigest: string }
  | { readonly type: "password.reset"; readonly userId: string }
  | {
      readonly type: "password.reset_refused"
      readonly cause:
        | "link_invalid"
        | "link_expired"
        | "link_used"
        | "disabled"
        | "revoked_meanwhile"
        | "policy"
      readonly userId?: string
    }
  | {
      readonly type:
        | "email.verification_requested"
        | "email.verified"
        | "email.change_requested"
        | "email.changed"
        | "email.change_undone"
      readonly userId: string
    }
  | {
      readonly type: "email.refused"
      readonly cause:
        | "link_invalid"
        | "link_expired"
        | "link_used"
        | "revoked_meanwhile"
        | "email_taken"
        | "disabled"
      readonly userId?: string
    }
  | {
      readonly type: "user.deactivated" | "user.reactivated" | "user.exported" | "user.erasure_began"
      readonly userId: string
    }
  | {
      readonly type: "user.reactivation_refused"
      readonly cause: "link_invalid" | "link_expired" | "link_used" | "revoked_meanwhile"
      readonly userId?: string
    }
  /** The user is gone. `pseudonym` stands in the audit for their id from here on; the event names it alone. */
  | { readonly type: "user.erased"; readonly pseudonym: string }
  | {
      readonly type: "consent.given" | "consent.withdrawn"
      readonly userId: string
      readonly purpose: string
      readonly version: string
    }
  | { readonly type: "socket.opened"; readonly userId: string; readonly sessionId: string }
  | {
      readonly type: "socket.closed"
      readonly userId: string
      readonly sessionId: string
      readonly cause: SocketEnd
    }
  | {
      readonly type: "socket.refused"
      readonly cause: SocketRefusal
    }
  | { readonly type: "limit.hit"; readonly limit: string; readonly retryAfter: number }
  | { readonly type: "request.cross_origin"; readonly path: string }
  | {
      readonly type: "guard.refused"
      /** The rule's name; "" where none but being signed in was asked. */
      readonly rule: string
      /** Undefined where nobody is signed in. Those are told to `on` alone, and not kept in the audit: anybody could fill it. */
      readonly userId?: string
      /** `not_signed_in`, `wrong_realm`, or the name of what a rule has thrown. */
      readonly cause?: string | undefined
    }

/** Hears every event. It runs before the answer leaves; if it rejects, the request fails (an audit that cannot be written must not be passed over). */
export type EventListener = (event: AuthEvent) => void | Promise<void>
