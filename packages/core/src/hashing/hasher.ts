/** Runs work with bounded concurrency and a bounded queue; see `workQueue`. */
export type RunBounded = <Result>(work: () => Promise<Result>) => Promise<Result>

/** A stored hash that was read: its format is right, its parameters are within the bounds. */
export interface KnownHash {
  /** Whether the password matches. Computes exactly one hash and compares in constant time. */
  verify(password: string): Promise<boolean>
}

/** A stored hash, measured against what the hasher makes today. */
export interface RatedHash extends KnownHash {
  /** Whether it should be replaced by a fresh `hash` at the next successful login: another variant or weaker parameters. */
  readonly outdated: boolean
}

/** Reads stored password hashes of one algorithm, for example those of the system that a host comes from. */
export interface PasswordVerifier {
  /** Name of the algorithm, as in its PHC string: `argon2id`, `scrypt`, `bcrypt`, `pbkdf2`. */
  readonly algorithm: string
  /** The stored string understood, or undefined if it is not this verifier's or out of bounds. Never throws, computes nothing. */
  read(stored: string): KnownHash | undefined
}

/** Makes and checks password hashes. The password is the NFC-normalized text; hashers take its UTF-8 bytes whole (NUL and byte 73 count). */
export interface PasswordHasher extends PasswordVerifier {
  read(stored: string): RatedHash | undefined
  /** A new salted hash as a PHC string. */
  hash(password: string): Promise<string>
  /** A hash with the current parameters that `read` reads and no password matches, made without computing: verifying it costs what a real one costs. */
  decoy(): string
  /** The bounded queue that `hash` and `verify` of what `read` answers already go through; what foreign verifiers read is run on it too. */
  readonly run: RunBounded
}
