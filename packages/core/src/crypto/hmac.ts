import { sha256 } from "@oslojs/crypto/sha2"

const blockSize = 64

/** HMAC-SHA-256 (RFC 2104, vectors of RFC 4231): 32 bytes. Here rather than from the library that has the hash, whose form of it is three times as large. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(blockSize)
  block.set(key.length > blockSize ? sha256(key) : key)
  return padded(block, 0x5c, padded(block, 0x36, message))
}

function padded(block: Uint8Array, byte: number, message: Uint8Array): Uint8Array {
  const text = new Uint8Array(blockSize + message.length)
  text.set(block.map((each) => each ^ byte))
  text.set(message, blockSize)
  return sha256(text)
}
