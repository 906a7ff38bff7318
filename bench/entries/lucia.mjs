export { NodePostgresAdapter } from "@lucia-auth/adapter-postgresql"
export { hash, verify } from "@node-rs/argon2"
export { Lucia } from "lucia"
