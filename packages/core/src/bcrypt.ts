export { bcrypt } from "./hashing/bcrypt.js"
export type { KnownHash, PasswordVerifier } from "./hashing/hasher.js"
