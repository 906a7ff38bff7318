import { sha256 as digest } from "@oslojs/crypto/sha2"
import { encodeBase64url } from "./base64url.js"
import { utf8 } from "./utf8.js"

const blockSize = 64

/** SHA-256 of the text's UTF-8 bytes, base64url without padding (43 characters). Synchronous, any runtime. */
export function sha256(text: string): string {
  return encodeBase64url(digest(utf8.encode(text)))
}

/**
 * HMAC-SHA-256 (RFC 2104, vectors of RFC 4231), base64url without padding (43 characters). Here rather than from the library that has the
 * hash, whose form of it is three times as large.
 */
export function hmacSha256(key: Uint8Array, message: Uint8Array): string {
  const block = new Uint8Array(blockSize)
  block.set(key.length > blockSize ? digest(key) : key)
  return encodeBase64url(padded(block, 0x5c, padded(block, 0x36, message)))
}

function padded(block: Uint8Array, byte: number, message: Uint8Array): Uint8Array {
  const text = new Uint8Array(blockSize + message.length)
  text.set(block.map((each) => each ^ byte))
  text.set(message, blockSize)
  return digest(text)
}

/** Random characters of the base64url alphabet, 6 bits each, from the platform's cryptographic generator. */
export function randomText(length: number): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(Math.ceil(length * 0.75)))).slice(0, length)
}
