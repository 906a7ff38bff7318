export type { KnownHash, PasswordVerifier } from "./hashing/hasher.js"
export { pbkdf2 } from "./hashing/pbkdf2.js"
