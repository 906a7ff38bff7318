import { createTOTPKeyURI, generateHOTP } from "@oslojs/otp"

/** The seconds that a code stands for, and its digits: what every authenticator app knows (RFC 6238 §4.1). */
export const totpPeriod = 30
const digits = 6

/** RFC 4226 §4 asks for 128 bits and recommends 160: as many as SHA-1 makes. */
export function newTotpSeed(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(20))
}

/** The step that an instant lies in. */
export function totpStepAt(epochMs: number): number {
  return Math.floor(epochMs / 1000 / totpPeriod)
}

/** The code of one step: HOTP with the step as its counter, HMAC-SHA-1, six digits (RFC 4226 §5.3, RFC 6238 §4.2). */
export function totpCode(seed: Uint8Array, step: number): string {
  return generateHOTP(seed, BigInt(step), digits)
}

/** What the QR code of an enrolment holds, and its secret alone, in base32, for those who type. */
export function totpEnrolment(
  issuer: string,
  account: string,
  seed: Uint8Array,
): { readonly uri: string; readonly secret: string } {
  // Apps show a plus as it stands.
  const uri = createTOTPKeyURI(issuer, account, seed, totpPeriod, digits).replaceAll("+", "%20")
  return { uri, secret: new URL(uri).searchParams.get("secret") ?? "" }
}
