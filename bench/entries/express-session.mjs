export { hash, verify } from "@node-rs/argon2"
export { RedisStore } from "connect-redis"
export { default as session } from "express-session"
