import { canonicalEmail } from "../../email-address.js"
import type { Profile } from "./provider.js"

/** The address by which accounts are compared; undefined for none, and for what is no address. */
export function emailOf({ email }: Profile): string | undefined {
  return typeof email === "string" ? canonicalEmail(email) : undefined
}

/** The same, if the provider has verified it. */
export function verifiedEmailOf(profile: Profile): string | undefined {
  return profile.emailVerified === true ? emailOf(profile) : undefined
}
