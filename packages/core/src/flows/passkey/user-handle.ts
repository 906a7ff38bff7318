import type { SecretRing } from "../../crypto/secret-ring.js"
import type { HeldPasskey } from "./stored-passkey.js"

/**
 * What authenticators call the account (WebAuthn §5.4.3): 32 bytes, base64url, a keyed digest of the user's id, so that it tells nothing of a person
 * (§14.6.1). One that a passkey of the user's has already stays, whatever secret is in front now: to another one an authenticator would be
 * another account's.
 */
export function userHandleOf(secrets: SecretRing, userId: string, held: readonly HeldPasskey[]): string {
  return held[0]?.stored.userHandle ?? secrets.digests("passkey-user", userId)[0]
}
