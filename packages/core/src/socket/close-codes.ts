/**
 * Why a WebSocket is closed, and the code that the client gets (RFC 6455 §7.4: 1xxx are the protocol's, 4xxx are ours). The word itself is the
 * close frame's reason, and `reason` of `AuthFailure`. What a client does about each stands in docs/sockets.md, which a test compares with this table.
 */
export const closeCodes = {
  /** The server stops, or leaves its sockets. */
  going_away: 1001,
  /** Only text is taken. */
  binary: 1003,
  /** The client does not read what it is sent. */
  too_slow: 1008,
  payload_too_large: 1009,
  /** A store is down, or the host's own code threw. */
  unavailable: 1011,
  /** No `Authenticate` where one is due, or one that is none. */
  invalid_request: 4400,
  /** The token is none, has ended, or is not this user's. */
  not_signed_in: 4401,
  /** It was ended, or another token stands for it. */
  session_ended: 4401,
  session_expired: 4401,
  /** A rule does not let this user in, or no more. */
  forbidden: 4403,
  not_authenticated_in_time: 4408,
  rate_limited: 4429,
} as const

/** A word for why a WebSocket is closed. */
export type CloseReason = keyof typeof closeCodes
