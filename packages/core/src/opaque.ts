import type { Seconds } from "./clock.js"
import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import type { SessionStrategy } from "./http/route.js"
import { refreshRoute } from "./http/routes/session-routes.js"
import { opaqueSessions } from "./sessions/opaque.js"

/** Limits of opaque sessions. */
export interface OpaqueOptions {
  /** Over after this long without a request. Default `"24h"`. */
  readonly idle?: Duration
  /** Over after this long whatever happens. Default `"30d"`. */
  readonly absolute?: Duration
  /** Seconds of staleness that the host accepts of its session store. Default 0; must be at least the store's own (promise 4). */
  readonly acceptStaleness?: Seconds
}

/**
 * Server-side sessions behind an opaque token (`id.secret`): the store keeps SHA-256 of the secret, so a dump of it signs nobody in,
 * and ending a session is immediate. 256 random bits need no slow hash (NIST SP 800-63B-4, 3.1.2 and 5.1).
 * @throws ConfigError `ERR_CONFIG_DURATION` if idle exceeds absolute, or either is no duration
 */
export function opaque(options: OpaqueOptions = {}): SessionStrategy<"sessions"> {
  const idle = seconds(options.idle ?? "24h", "sessions.idle")
  const absolute = seconds(options.absolute ?? "30d", "sessions.absolute")
  if (idle > absolute) {
    throw misconfigured("ERR_CONFIG_DURATION", "sessions.idle", options.idle, "less than sessions.absolute")
  }
  const limits = { idle, absolute, accepted: options.acceptStaleness ?? 0 }
  return {
    needs: ["sessions"],
    build: (kit) => ({ sessions: opaqueSessions(kit, limits), routes: [refreshRoute], reasons: {} }),
  }
}
