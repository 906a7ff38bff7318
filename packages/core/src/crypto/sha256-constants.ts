// Takes the place of the two tables in @oslojs/crypto's SHA-256 in our builds (tools/tsup-preset.mjs): random digits are what compresses worst.

/** Of the square roots of the first 8 primes the first 32 bits behind the point: where every SHA-256 starts (FIPS 180-4 §5.3.3). */
export function initialHash(): Uint32Array {
  return fractions(8, Math.sqrt)
}

/** The same of the cube roots of the first 64 primes: the constants of its rounds (§4.2.2). */
export function roundConstants(): Uint32Array {
  return fractions(64, Math.cbrt)
}

/**
 * None of these roots is so near to another value that a runtime's own could be wrong by enough: it would have to be over a thousand units in
 * the last place.
 */
function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const primes: number[] = []
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime > 0)) primes.push(number)
  }
  return Uint32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32)
}
