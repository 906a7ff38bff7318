/** Writes CBOR (RFC 8949): whole numbers, bytes, text, lists and maps, which is all that authenticators need. */
export function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value)
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)])
  throw new TypeError("not for an authenticator")
}

function head(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size])
  if (size < 256) return Buffer.from([(major << 5) | 24, size])
  const [length, more] = size < 65_536 ? ([2, 25] as const) : ([4, 26] as const)
  const bytes = Buffer.alloc(1 + length)
  bytes[0] = (major << 5) | more
  bytes.writeUIntBE(size, 1, length)
  return bytes
}
