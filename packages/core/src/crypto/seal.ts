import { decodeBase64url, encodeBase64url } from "./base64url.js"
import type { SecretRing } from "./secret-ring.js"
import { utf8 } from "./utf8.js"

/** Encrypts what must come back in plain, such as a provider's tokens, under the host's secret. */
export interface Seal {
  /**
   * AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D §8.2.2) under the newest secret. `record` names where the result is kept and is
   * authenticated with it: moved to another record, it does not open.
   */
  seal(text: string, record: string): Promise<string>
  /** The text, or undefined if it was sealed under no secret of the ring, for another record, or changed since. */
  open(sealed: string, record: string): Promise<string | undefined>
}

const nonceBytes = 12

/** @param what the kind of thing that is sealed; each kind has keys of its own */
export function createSeal(secrets: SecretRing, what: string): Seal {
  let imported: readonly Promise<CryptoKey>[] | undefined
  const keys = (): readonly Promise<CryptoKey>[] => {
    imported ??= secrets.digests("seal", what).map(importKey)
    return imported
  }

  return {
    async seal(text, record) {
      const [newest] = keys()
      const iv = crypto.getRandomValues(new Uint8Array(nonceBytes))
      const sealed = await crypto.subtle.encrypt(
        algorithm(iv, record),
        (await newest) as CryptoKey,
        utf8.encode(text),
      )
      return `${encodeBase64url(iv)}.${encodeBase64url(new Uint8Array(sealed))}`
    },
    async open(sealed, record) {
      const [iv, data] = sealed.split(".").map(decodeBase64url)
      if (!iv || !data) return undefined
      for (const key of keys()) {
        const opened = await crypto.subtle
          .decrypt(algorithm(iv, record), await key, data)
          .catch(() => undefined)
        if (opened) return new TextDecoder().decode(opened)
      }
      return undefined
    },
  }
}

/** An HMAC-SHA-256 of the secret is 256 bits that look random to everybody else: a key. */
function importKey(digest: string): Promise<CryptoKey> {
  const key = decodeBase64url(digest) as Uint8Array<ArrayBuffer>
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"])
}

function algorithm(iv: Uint8Array<ArrayBuffer>, record: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: utf8.encode(record) }
}
