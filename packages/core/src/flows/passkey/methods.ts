import type { PasskeyUsed, StoredPasskey } from "./stored-passkey.js"

/**
 * What the use of a passkey proves (RFC 8176): a key in hardware, or one that is synced; that somebody was there; and, where the authenticator has
 * made sure of its user, two factors at once: the key, and what unlocks it.
 */
export function methodsOf(
  { deviceType }: Pick<StoredPasskey, "deviceType">,
  { userVerified }: Pick<PasskeyUsed, "userVerified">,
): readonly string[] {
  const key = deviceType === "singleDevice" ? "hwk" : "swk"
  return userVerified ? [key, "user", "mfa"] : [key, "user"]
}
