import type { Seconds } from "./clock.js"
import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import type { BuiltSessions, Route, SessionStrategy } from "./http/route.js"
import { jwksRoute } from "./http/routes/jwks-route.js"
import { refreshReasons, refreshTokenRoute } from "./http/routes/refresh-routes.js"
import { refuse } from "./outcome.js"
import { audienceOf } from "./sessions/jwt/audience.js"
import { type JwtKey, type KeyRing, keyRing, secretKeys } from "./sessions/jwt/keys.js"
import { proofAlgorithms } from "./sessions/refresh/dpop.js"
import { type Binding, type RefreshSettings, refreshSessions } from "./sessions/refresh/refresh-sessions.js"
import type { SessionKit } from "./sessions/session.js"
import type { SlotName } from "./stores/ports.js"

/** Limits of token sessions, and what browsers have beside them. */
export interface RefreshOptions<Slots extends SlotName> {
  /** What a browser gets, which keeps no tokens itself: `opaque()` or `jwt()`. */
  readonly beside: SessionStrategy<Slots>
  /** Life of an access token. Default `"5m"`, at most an hour. */
  readonly access?: Duration
  /** Over after this long without a refresh. Default `"30d"`. */
  readonly idle?: Duration
  /** Over after this long whatever happens. Default `"90d"`. */
  readonly absolute?: Duration
  /**
   * How long after a rotation the refresh token before it still gets the same successor, for clients that have lost the answer or have asked
   * twice. Default `{ browser: "10s", native: "30s" }`, at most a minute. 0 is strict: whoever asks twice is out (OWASP ASVS 5.0, 10.4.5).
   */
  readonly grace?: Duration | { readonly browser?: Duration; readonly native?: Duration }
  /** Keys of the access tokens: the first signs, all of them check. Default: HS256 under keys derived from `secret`. */
  readonly keys?: readonly JwtKey[]
  /** Who the access tokens are for, their `aud`. Default: the host's origin. */
  readonly audience?: string
  /** Whether tokens are bound to a key of the client (DPoP, RFC 9449). Default `"optional"`: where a sign-in brings a proof. */
  readonly dpop?: Binding
  /** Seconds after which a revocation may take effect on access tokens. Default 0: the store is asked in every request. */
  readonly acceptStaleness?: Seconds
}

/** What token sessions need by themselves. */
export type RefreshSlots = "sessions" | "challenges" | "users"

type Decided = Pick<RefreshSettings, "access" | "limits" | "grace" | "dpop">

/**
 * Access and refresh tokens for clients that keep them themselves, and ask for them by the header `mortise-session: tokens`; cookies for all others. A
 * refresh token is good once: its direct predecessor gets the same successor for some seconds, anything older ends the session (RFC 9700 §4.14.2).
 * @throws ConfigError `ERR_CONFIG_REFRESH`, `ERR_CONFIG_DURATION`, `ERR_CONFIG_JWT`
 */
export function refreshTokens<Slots extends SlotName>(
  options: RefreshOptions<Slots>,
): SessionStrategy<Slots | RefreshSlots> {
  const decided = decide(options)
  const { beside } = options
  const own: readonly RefreshSlots[] = ["sessions", "challenges", "users"]
  return {
    needs: [...new Set<Slots | RefreshSlots>([...beside.needs, ...own])],
    build<C extends object>(kit: SessionKit<Slots | RefreshSlots, C>): BuiltSessions<C> {
      const ring = keyRing(options.keys ?? secretKeys(kit.secrets))
      const built = beside.build(kit)
      const needs: readonly SlotName[] = beside.needs
      const made = refreshSessions(
        kit,
        {
          ...decided,
          ring,
          audience: audienceOf(options.audience ?? kit.origin),
          besideKeeps: needs.includes("sessions"),
        },
        built.sessions,
      )
      return {
        sessions: made.sessions,
        routes: [
          refreshTokenRoute(made),
          ...publishedKeys(ring, built.routes),
          ...built.routes.filter(({ name }) => name !== "refresh" && name !== "jwks"),
        ],
        reasons: { ...built.reasons, ...refreshReasons },
        schemes: `Bearer realm="${kit.realm}", DPoP algs="${proofAlgorithms}"`,
        async unfit(request) {
          return (await made.unfit(request)) ? refuse("dpop_proof_invalid") : undefined
        },
      }
    },
  }
}

/** One address for all keys of the realm: those of `beside` stand among ours. */
function publishedKeys(ring: KeyRing, routes: readonly Route[]): readonly Route[] {
  const other = routes.find(({ name }) => name === "jwks")
  if (!ring.asymmetric || !other) return ring.asymmetric ? [jwksRoute(ring)] : other ? [other] : []
  return [
    {
      ...other,
      async answer(call) {
        const theirs = await other.answer(call)
        const listed: unknown = "json" in theirs && theirs.json && Reflect.get(theirs.json, "keys")
        const keys = new Map((await ring.jwks()).keys.map((key) => [key.kid, key]))
        for (const key of Array.isArray(listed) ? listed : []) keys.set(key.kid, key)
        return { ok: true, json: { keys: [...keys.values()] }, page: "home" }
      },
    },
  ]
}

function decide(options: RefreshOptions<SlotName>): Decided {
  const { acceptStaleness: accepted = 0, beside, dpop = "optional" } = options
  if (typeof beside?.build !== "function") {
    throw wrong("beside", undefined, "refreshTokens({ beside: opaque() })")
  }
  const access = seconds(options.access ?? "5m", "sessions.access")
  const idle = seconds(options.idle ?? "30d", "sessions.idle")
  const absolute = seconds(options.absolute ?? "90d", "sessions.absolute")
  if (access > 3600)
    throw misconfigured("ERR_CONFIG_DURATION", "sessions.access", options.access, 'at most "1h"')
  if (access > idle || idle > absolute) {
    const write = "access less than idle, and idle less than absolute"
    throw misconfigured("ERR_CONFIG_DURATION", "sessions.idle", options.idle ?? "30d", write)
  }
  if (!["optional", "required", "off"].includes(dpop)) {
    throw wrong("dpop", dpop, '"optional", "required" or "off"')
  }
  if (!Number.isInteger(accepted) || accepted < 0) {
    throw misconfigured(
      "ERR_CONFIG_STALENESS",
      "refreshTokens: acceptStaleness",
      accepted,
      "seconds, 0 or more",
    )
  }
  return { access, limits: { idle, absolute, accepted }, grace: windows(options.grace), dpop }
}

function windows(given: RefreshOptions<SlotName>["grace"] = {}): Decided["grace"] {
  const { browser, native } = typeof given === "object" ? given : { browser: given, native: given }
  return { browser: window(browser ?? "10s"), native: window(native ?? "30s") }
}

function window(given: Duration): Seconds {
  const length = given === 0 ? 0 : seconds(given, "sessions.grace")
  if (length <= 60) return length
  throw misconfigured("ERR_CONFIG_DURATION", "sessions.grace", given, 'at most "60s"; 0 is strict')
}

function wrong(option: string, value: unknown, write: string): Error {
  return misconfigured("ERR_CONFIG_REFRESH", `refreshTokens: ${option}`, value, write)
}

export type { JwtAlgorithm, JwtKey } from "./sessions/jwt/keys.js"
export type { Binding } from "./sessions/refresh/refresh-sessions.js"
