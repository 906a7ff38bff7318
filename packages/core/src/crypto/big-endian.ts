// Takes the place of @oslojs/binary in our builds (tools/tsup-preset.mjs): what @oslojs/crypto's SHA-256 needs of it, and nothing else.

/** Writes numbers, the most significant byte first. */
export const bigEndian: {
  putUint32(target: Uint8Array, value: number, offset: number): void
  putUint64(target: Uint8Array, value: bigint, offset: number): void
} = {
  putUint32(target, value, offset) {
    for (let index = 0; index < 4; index++) target[offset + index] = value >>> (24 - 8 * index)
  },
  putUint64(target, value, offset) {
    bigEndian.putUint32(target, Number(value >> 32n), offset)
    bigEndian.putUint32(target, Number(value & 0xffff_ffffn), offset + 4)
  },
}

/** Rotates 32 bits to the right. */
export function rotr32(value: number, count: number): number {
  return ((value << (32 - count)) | (value >>> count)) >>> 0
}
