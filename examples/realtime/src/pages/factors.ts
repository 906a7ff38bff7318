import type { FactorView } from "@mortise/core/mfa"

/** A kind of second factor. */
export type FactorKind = FactorView["factor"]

/** What each is called. */
export const factorNames: Readonly<Record<FactorKind, string>> = {
  totp: "Authenticator app",
  phone: "Text message",
  email: "Code by mail",
  passkey: "Passkey or security key",
  recovery_code: "Recovery code",
}
