import { decodeBase64url } from "../../crypto/base64url.js"
import { equalInConstantTime } from "../../crypto/equal.js"
import type { SecretRing } from "../../crypto/secret-ring.js"
import type { OpenedLink } from "./link-token.js"

/**
 * The code of an attempt, `digits` decimal digits: a truncated HMAC of its id (as RFC 4226 §5.3 truncates), so nothing of it is stored. 48 bits
 * are taken modulo at most 10^8, which favours no code by more than one in two million.
 */
export function codeOf(secrets: SecretRing, id: string, digits: number): string {
  return truncated(secrets.digests("magic-link-digits", id)[0], digits)
}

/**
 * Whether somebody typed that code, made under the secret that signed its attempt: any other of the ring would be one more code that is right.
 * Spaces and hyphens, as people group digits, do not count.
 */
export function isCodeOf(
  secrets: SecretRing,
  { id, signedBy }: Pick<OpenedLink, "id" | "signedBy">,
  digits: number,
  typed: string,
): boolean {
  const digest = secrets.digests("magic-link-digits", id)[signedBy] ?? ""
  return equalInConstantTime(truncated(digest, digits), typed.replace(/[\s-]/g, ""))
}

function truncated(digest: string, digits: number): string {
  const bytes = decodeBase64url(digest.slice(0, 8)) ?? new Uint8Array()
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return `${number % 10 ** digits}`.padStart(digits, "0")
}
