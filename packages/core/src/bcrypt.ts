export { bcrypt } from "./hashing/bcrypt.js"
export type { PasswordVerifier } from "./hashing/hasher.js"
