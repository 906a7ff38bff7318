/** Runs work with bounded concurrency and a bounded queue; see `workQueue`. */
export type RunBounded = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Reads stored password hashes of one algorithm, for example those of the system that a host comes from. */
export interface PasswordVerifier {
  /** Name of the algorithm, as in its PHC string: `argon2id`, `scrypt`, `bcrypt`, `pbkdf2`. */
  readonly algorithm: string
  /** Whether this verifier reads the stored string: right format, parameters within the bounds. Never throws, computes nothing. */
  reads(stored: string): boolean
  /** Whether the password matches. Only for what `reads` accepted. Compares in constant time. */
  verify(stored: string, password: string): Promise<boolean>
}

/** Makes and checks password hashes. The password is the NFC-normalized text; hashers take its UTF-8 bytes whole (NUL and byte 73 count). */
export interface PasswordHasher extends PasswordVerifier {
  /** A new salted hash as a PHC string. */
  hash(password: string): Promise<string>
  /** Whether `stored` should be replaced by a fresh `hash` at the next successful login: other algorithm or weaker parameters. */
  outdated(stored: string): boolean
  /** A well-formed hash with the current parameters that no password matches, made without computing: verifying it costs what a real one costs. */
  decoy(): string
  /** The bounded queue that `hash` and `verify` already go through; foreign verifiers are run on it too. */
  readonly run: RunBounded
}
