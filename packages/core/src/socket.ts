/**
 * WebSockets that end with their session. `serveSockets` of a binding opens them; {@link liveSockets} knows them by session and by user, on Node and
 * on Workers. What a client sends and gets, and every close code, stands in docs/sockets.md.
 */
export type { GuardedRequest } from "./guarded-request.js"
export { type CloseReason, closeCodes } from "./socket/close-codes.js"
export type { LiveSocket, SocketClosed, SocketHandlers } from "./socket/live-socket.js"
export { type Admission, type LiveSockets, liveSockets, type SocketsOf } from "./socket/live-sockets.js"
export type { SocketOptions, SocketWay } from "./socket/settings.js"
export type { SocketAuth } from "./socket/socket-auth.js"
export type { Inlet, Wire } from "./socket/wire.js"
