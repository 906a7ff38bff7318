import { encodeBase64url } from "./base64url.js"

/** `bytes` random bytes from the platform's cryptographic generator, base64url without padding. */
export function randomToken(bytes: number): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(bytes)))
}
