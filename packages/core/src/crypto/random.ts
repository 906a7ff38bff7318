import { encodeBase64urlNoPadding } from "@oslojs/encoding"

/** `bytes` random bytes from the platform's cryptographic generator, base64url without padding. */
export function randomToken(bytes: number): string {
  return encodeBase64urlNoPadding(crypto.getRandomValues(new Uint8Array(bytes)))
}
