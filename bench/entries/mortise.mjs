export { createAuth, opaque } from "@mortise/core"
export { argon2id } from "@mortise/core/argon2"
export { memoryStores } from "@mortise/core/memory"
export { password } from "@mortise/core/password"
