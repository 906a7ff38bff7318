import { decodeBase64url, encodeBase64url } from "./base64url.js"
import { utf8 } from "./utf8.js"

// One key, one message: a nonce that never changes is used once (NIST SP 800-38D §8).
const algorithm = { name: "AES-GCM", iv: new Uint8Array(12) }

/** Encrypts the only text that is ever encrypted under this secret: 43 random characters, whose 256 bits are the key. */
export async function sealOnce(text: string, secret: string): Promise<string> {
  const sealed = await crypto.subtle.encrypt(algorithm, await keyIn(secret), utf8.encode(text))
  return encodeBase64url(new Uint8Array(sealed))
}

/** Undefined for what was not sealed under this secret. */
export async function openOnce(sealed: string, secret: string): Promise<string | undefined> {
  const data = decodeBase64url(sealed) as Uint8Array<ArrayBuffer>
  return crypto.subtle.decrypt(algorithm, await keyIn(secret), data).then(
    (text) => new TextDecoder().decode(text),
    () => undefined,
  )
}

function keyIn(secret: string): Promise<CryptoKey> {
  const bytes = decodeBase64url(secret) as Uint8Array<ArrayBuffer>
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"])
}
