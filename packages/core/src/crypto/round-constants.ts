// Takes the place of the table in @oslojs/crypto's SHA-256 in our builds (tools/tsup-preset.mjs): random digits are what compresses worst.

/**
 * The constants of SHA-256's rounds: of the cube roots of the first 64 primes the first 32 bits behind the point (FIPS 180-4 §4.2.2). None of
 * them is so near to another value that a runtime's cube root could be wrong by enough: it would have to be some thousand units in the last place.
 */
export function roundConstants(): Uint32Array {
  const primes: number[] = []
  for (let number = 2; primes.length < 64; number++) {
    if (primes.every((prime) => number % prime > 0)) primes.push(number)
  }
  return Uint32Array.from(primes, (prime) => (Math.cbrt(prime) % 1) * 2 ** 32)
}
