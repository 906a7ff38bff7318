// Takes the place of @oslojs/binary in our builds (tools/tsup-preset.mjs): what @oslojs/crypto's SHA-256 needs of it, and nothing else.

/** Writes numbers, the most significant byte first, into arrays that have their whole buffer. */
export const bigEndian: {
  putUint32(target: Uint8Array, value: number, offset: number): void
  putUint64(target: Uint8Array, value: bigint, offset: number): void
} = {
  putUint32: (target, value, offset) => new DataView(target.buffer).setUint32(offset, value),
  putUint64: (target, value, offset) => new DataView(target.buffer).setBigUint64(offset, value),
}

/** Rotates 32 bits to the right. */
export function rotr32(value: number, count: number): number {
  return ((value << (32 - count)) | (value >>> count)) >>> 0
}
