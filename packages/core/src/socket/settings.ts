import type { Clock, Seconds } from "../clock.js"
import { type Duration, seconds } from "../duration.js"
import { misconfigured } from "../errors.js"
import type { Rule } from "../guards/rule.js"
import type { Rate } from "../limits/rate-limit.js"
import type { AtomicStore, SessionMessages } from "../stores/ports.js"
import { ownCounters } from "./own-counters.js"

/** By what a client may authenticate: cookie or header of the upgrade request, or its first message. */
export type SocketWay = "upgrade" | "message"

/** Limits and ports of {@link liveSockets}. All of it may be left out. */
export interface SocketOptions<C extends object> {
  /** Whom the endpoint lets in, besides the realm's own rule. Asked at the beginning and each time the session is read again. */
  readonly rule?: Rule<C>
  /** Default: both. With `["message"]` a cookie at the upgrade is not looked at. */
  readonly ways?: readonly SocketWay[]
  /** From the opening until the client must be authenticated. Default 10 s. */
  readonly authenticateWithin?: Duration
  /** The longest message, in bytes of UTF-8; before authentication 4 KiB at most, whatever stands here. Default 64 KiB. */
  readonly maxBytes?: number
  /** Bytes that may wait for a client to read them. Default 1 MiB. */
  readonly maxBuffered?: number
  /** `Authenticate` messages per client address, an IPv6 /64 counting as one; of an authenticated socket per session. Default 120 a minute. */
  readonly attempts?: { readonly limit: number; readonly window: Duration }
  /** Counts the attempts over all servers. Default: each process counts for itself, 10,000 addresses at most. */
  readonly rateLimits?: AtomicStore
  /** WebSockets of one client address, an IPv6 /64 counting as one, on which nobody is authenticated yet; in this process. Default 32. */
  readonly unauthenticatedPerAddress?: number
  /** Tells of sessions that ended on other servers. Default: this process alone is heard, and the rest found out by `recheck`. */
  readonly messages?: SessionMessages
  /** The session of every socket is read again at least so often: what a lost message costs. Default 30 s, at most a day. */
  readonly recheck?: Duration
}

/** The same with every option decided. */
export interface SocketSettings<C extends object> {
  readonly rule: Rule<C> | undefined
  readonly ways: ReadonlySet<SocketWay>
  readonly authenticateWithinMs: number
  readonly maxBytes: number
  readonly maxBytesBefore: number
  readonly maxBuffered: number
  readonly attempts: Rate
  readonly counters: Pick<AtomicStore, "increment">
  readonly unauthenticatedPerAddress: number
  readonly messages: SessionMessages | undefined
  readonly recheckMs: number
}

const beforeAuthentication = 4_096
const day: Seconds = 86_400

/** @throws ConfigError `ERR_CONFIG_LIMIT`, `ERR_CONFIG_DURATION`, `ERR_CONFIG_POLICY` */
export function settledOptions<C extends object>(options: SocketOptions<C>, clock: Clock): SocketSettings<C> {
  const { attempts = { limit: 120, window: "1m" }, ways = ["upgrade", "message"], rule } = options
  if (rule !== undefined && typeof rule !== "function") {
    throw misconfigured(
      "ERR_CONFIG_POLICY",
      "liveSockets: rule",
      typeof rule,
      'a function, as hasRole("admin")',
    )
  }
  if (ways.length === 0 || ways.some((way) => way !== "upgrade" && way !== "message")) {
    throw misconfigured("ERR_CONFIG_POLICY", "liveSockets: ways", ways, '["upgrade"], ["message"] or both')
  }
  const maxBytes = whole(options.maxBytes ?? 65_536, "maxBytes")
  const recheck = seconds(options.recheck ?? "30s", "recheck")
  if (recheck > day) throw misconfigured("ERR_CONFIG_DURATION", "recheck", options.recheck, 'at most "24h"')
  return {
    rule,
    ways: new Set(ways),
    authenticateWithinMs: seconds(options.authenticateWithin ?? "10s", "authenticateWithin") * 1000,
    maxBytes,
    maxBytesBefore: Math.min(maxBytes, beforeAuthentication),
    maxBuffered: whole(options.maxBuffered ?? 1_048_576, "maxBuffered"),
    attempts: {
      limit: whole(attempts.limit, "attempts.limit"),
      window: seconds(attempts.window, "attempts.window"),
    },
    counters: options.rateLimits ?? ownCounters(clock),
    unauthenticatedPerAddress: whole(options.unauthenticatedPerAddress ?? 32, "unauthenticatedPerAddress"),
    messages: options.messages,
    recheckMs: recheck * 1000,
  }
}

function whole(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw misconfigured("ERR_CONFIG_LIMIT", `liveSockets: ${option}`, value, "a whole number from 1")
}
