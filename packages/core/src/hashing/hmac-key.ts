import { utf8 } from "../crypto/utf8.js"

/**
 * The bytes of a password that becomes the key of an HMAC, as in PBKDF2 and scrypt. HMAC fills short keys up with zeros (RFC 2104 §2), so
 * "secret" and "secret\0" would be one password. A password that ends with a NUL therefore gets one byte more, 0xFF, which no UTF-8 text
 * contains. Nobody types such a password, and everybody else's hash is what any other implementation computes.
 */
export function hmacKey(password: string): Uint8Array {
  const bytes = utf8.encode(password)
  return bytes.at(-1) === 0 ? Uint8Array.of(...bytes, 0xff) : bytes
}
