export { hash, verify } from "@node-rs/argon2"
export { getIronSession } from "iron-session"
