/** Who asks authenticators: what every credential and every answer is bound to (WebAuthn §4, Relying Party). */
export interface RelyingParty {
  /** A host name: the origin's own, or one above it that is not a public suffix. */
  readonly id: string
  /** Where answers may come from: web origins, or `android:apk-key-hash:…` of an own app. */
  readonly origins: readonly string[]
}

/** Whether whoever holds the authenticator must prove it to it, by PIN, finger or face (WebAuthn §5.8.6). */
export type UserVerification = "required" | "preferred"

/** Milliseconds from a challenge until its answer (WebAuthn §15.1 recommends five minutes). */
export const challengeMs = 300_000

/** What keys may be made for, the best first: Ed25519, ES256, RS256 (COSE, RFC 9053 §2, RFC 8812 §2). All the rest is refused. */
export const algorithms = [-8, -7, -257] as const
