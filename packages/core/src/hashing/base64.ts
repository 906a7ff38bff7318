/** Bytes as standard Base64 (RFC 4648 §4) without padding, as PHC strings carry salts and hashes. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("=", "")
}

/**
 * The bytes of unpadded standard Base64, or undefined for anything else: padding, another alphabet, or left-over bits that are not
 * zero. So every value has one spelling, and a string that lost its end is mostly noticed here. Linear in the length.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*$/.test(text) || text.length % 4 === 1) return undefined
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return encodeBase64(bytes) === text ? bytes : undefined
}
