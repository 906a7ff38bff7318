import type { Seconds } from "./clock.js"
import { type Duration, seconds } from "./duration.js"
import { ConfigError, misconfigured } from "./errors.js"
import type { SessionStrategy } from "./http/route.js"
import { jwksRoute } from "./http/routes/jwks-route.js"
import { refreshRoute } from "./http/routes/session-routes.js"
import { audienceOf } from "./sessions/jwt/audience.js"
import { byNobody } from "./sessions/jwt/by-nobody.js"
import { bySession } from "./sessions/jwt/by-session.js"
import { byUser } from "./sessions/jwt/by-user.js"
import { type JwtLimits, jwtSessions } from "./sessions/jwt/jwt-sessions.js"
import { type JwtKey, keyRing, secretKeys } from "./sessions/jwt/keys.js"
import type { Standing } from "./sessions/jwt/standing.js"
import type { SessionKit } from "./sessions/session.js"
import type { Stores } from "./stores/ports.js"

/** What ends a session before its token does. */
export type JwtRevocation =
  /** A record per session: each can be ended alone, and is listed. One `find` per request. */
  | "session"
  /** Nothing per session: the token says the user's epoch. One read per request; ending one session ends all of the user's. */
  | "user"
  /** Nothing per request: a copy of a token goes on, renewed again and again, until its absolute end. */
  | "none"

/** Limits of JWT sessions. */
export interface JwtOptions {
  /** The first signs, all of them check. Default: HS256 under keys derived from `secret`, so that `secret: [new, old]` rotates them too. */
  readonly keys?: readonly JwtKey[]
  /** Who the tokens are for, their `aud`. Default: the host's origin. */
  readonly audience?: string
  /** A token is good for this long, and goes on when it is renewed. Default `"12h"`. */
  readonly lifetime?: Duration
  /** This long after its end a request with the token is still answered, and gets a new one. Default `"1h"`; 0 for none. */
  readonly grace?: Duration
  /** Over after this long, however often it is renewed. Default `"30d"`. */
  readonly absolute?: Duration
  /** Seconds that the clocks of two servers may be apart. Default 30, at most 300. */
  readonly leeway?: Seconds
  /** Default `"session"`. */
  readonly revocation?: JwtRevocation
  /**
   * Seconds after which a revocation may take effect. Default 0: the store is asked in every request. Its answer is kept that long otherwise, in
   * this process, less what the store lags by itself. With `revocation: "none"` at least the absolute length (promise 4).
   */
  readonly acceptStaleness?: Seconds
}

/** Browsers keep no cookie longer, and stores may forget an epoch that nobody asked for so long. */
const longestLife: Seconds = 400 * 86_400

interface Decided {
  readonly limits: JwtLimits
  readonly absolute: Seconds
  readonly accepted: Seconds
  readonly revocation: JwtRevocation
}

/**
 * Sessions in a signed token (JWT, RFC 7519; RFC 8725): HS256, EdDSA or ES256. Good for nothing but this realm and audience; its claims are the host's,
 * as of the last renewal. Renewal reads the user anew, and never moves the absolute end.
 * @throws ConfigError `ERR_CONFIG_JWT`, `ERR_CONFIG_DURATION`, `ERR_CONFIG_STALENESS`
 */
export function jwt(options: JwtOptions = {}): SessionStrategy<"sessions" | "users"> {
  const decided = decide(options)
  return {
    needs: ["sessions", "users"],
    build(kit) {
      const audience = audienceOf(options.audience ?? kit.origin)
      const ring = keyRing(options.keys ?? secretKeys(kit.secrets))
      const settings = { limits: decided.limits, ring, audience }
      const sessions = jwtSessions(kit, settings, standingOf(decided, kit))
      return { sessions, routes: [refreshRoute, ...(ring.asymmetric ? [jwksRoute(ring)] : [])], reasons: {} }
    },
  }
}

function standingOf<C extends object>(
  { absolute, accepted, limits, revocation }: Decided,
  kit: SessionKit<"sessions" | "users", C>,
): Standing<C> {
  if (revocation === "none") return byNobody(kit, absolute)
  const lag = accepted - lagOf(kit.stores, accepted)
  if (revocation === "user") return byUser(kit, absolute, lag)
  const idle = limits.lifetime + Math.max(limits.grace, limits.leeway)
  return bySession(kit, { idle, absolute, accepted }, lag)
}

function lagOf({ sessions: { staleness } }: Pick<Stores, "sessions">, accepted: Seconds): Seconds {
  if (staleness <= accepted) return staleness
  throw tooStale(
    `Reads of this store lag ${staleness} s, and so do revocations. Write jwt({ acceptStaleness: ${staleness} }).`,
  )
}

function decide(options: JwtOptions): Decided {
  const { acceptStaleness: accepted = 0, leeway = 30, revocation = "session" } = options
  const lifetime = seconds(options.lifetime ?? "12h", "sessions.lifetime")
  const grace = options.grace === 0 ? 0 : seconds(options.grace ?? "1h", "sessions.grace")
  const absolute = seconds(options.absolute ?? "30d", "sessions.absolute")
  if (lifetime > absolute) {
    throw misconfigured(
      "ERR_CONFIG_DURATION",
      "sessions.lifetime",
      options.lifetime,
      "less than sessions.absolute",
    )
  }
  if (lifetime + grace > longestLife) {
    throw misconfigured(
      "ERR_CONFIG_DURATION",
      "sessions.lifetime",
      options.lifetime,
      "400 days at most, with sessions.grace",
    )
  }
  if (!Number.isInteger(leeway) || leeway < 0 || leeway > 300) {
    throw misconfigured("ERR_CONFIG_JWT", "jwt: leeway", leeway, "seconds, 0 to 300")
  }
  if (!["session", "user", "none"].includes(revocation)) {
    throw misconfigured("ERR_CONFIG_JWT", "jwt: revocation", revocation, '"session", "user" or "none"')
  }
  if (!Number.isInteger(accepted) || accepted < 0) {
    throw misconfigured("ERR_CONFIG_STALENESS", "jwt: acceptStaleness", accepted, "seconds, 0 or more")
  }
  if (revocation === "none" && accepted < absolute) {
    throw tooStale(
      `Nothing is revoked: a copy of a token goes on for ${absolute} s. Write jwt({ revocation: "none", acceptStaleness: ${absolute} }), or leave revocation out.`,
    )
  }
  return { limits: { lifetime, grace, leeway }, absolute, accepted, revocation }
}

function tooStale(message: string): ConfigError {
  return new ConfigError("ERR_CONFIG_STALENESS", message)
}

export type { JwtAlgorithm, JwtKey } from "./sessions/jwt/keys.js"
