export { type ClientAddress, contextOf } from "./incoming.js"
export { type MortiseOptions, mortise } from "./mortise.js"
export type { MortiseEnv, PrincipalOf } from "./mounts.js"
export { requireSession, type SignedIn } from "./require-session.js"
