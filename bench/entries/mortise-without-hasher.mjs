export { createAuth, opaque } from "@mortise/core"
export { password } from "@mortise/core/password"
