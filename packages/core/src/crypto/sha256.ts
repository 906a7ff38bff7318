import { sha256 as digest } from "@oslojs/crypto/sha2"
import { encodeBase64url } from "./base64url.js"

const utf8 = new TextEncoder()

/** SHA-256 of the text's UTF-8 bytes, base64url without padding (43 characters). Synchronous, any runtime. */
export function sha256(text: string): string {
  return encodeBase64url(digest(utf8.encode(text)))
}
