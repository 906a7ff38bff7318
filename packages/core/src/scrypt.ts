export type { KnownHash, PasswordHasher, PasswordVerifier, RatedHash, RunBounded } from "./hashing/hasher.js"
export type { ScryptParameters } from "./hashing/scrypt/parameters.js"
export { type ScryptOptions, scrypt } from "./hashing/scrypt/scrypt.js"
