export { guardUpgrade } from "./guard-upgrade.js"
export { type ClientAddress, contextOf } from "./incoming.js"
export { type MortiseOptions, mortise } from "./mortise.js"
export type { ClaimsOf, Register } from "./register.js"
export { type GuardOptions, requireSession } from "./require-session.js"
export {
  type NodeWebSocket,
  type NodeWebSocketServer,
  type ServeSocketsOptions,
  serveSockets,
} from "./serve-sockets.js"
export type { UpgradeOptions } from "./upgrade.js"
