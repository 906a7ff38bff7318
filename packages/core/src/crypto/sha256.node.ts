import * as crypto from "node:crypto"

// `crypto.hash` (Node ≥ 20.12) takes 0.7 µs; a Hash object 2 µs. Bun and Deno come here too and may lack the former.
const oneShot: typeof crypto.hash | undefined = crypto.hash

/** SHA-256 of the text's UTF-8 bytes, base64url without padding (43 characters). The same as `sha256.ts`, by Node's own crypto. */
export function sha256(text: string): string {
  return oneShot
    ? oneShot("sha256", text, "base64url")
    : crypto.createHash("sha256").update(text).digest("base64url")
}
