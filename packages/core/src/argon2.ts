export { type Argon2idOptions, argon2id } from "./hashing/argon2/argon2id.js"
export { type CalibrationOptions, calibrateArgon2id } from "./hashing/argon2/calibrate.js"
export type { Argon2Parameters } from "./hashing/argon2/parameters.js"
export type { KnownHash, PasswordHasher, PasswordVerifier, RatedHash, RunBounded } from "./hashing/hasher.js"
