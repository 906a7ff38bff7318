import { sha256 } from "#primitives"
import { type Awaitable, andThen } from "../awaitable.js"
import type { Seconds } from "../clock.js"
import type { Context } from "../context.js"
import { equalInConstantTime } from "../crypto/equal.js"
import { type Duration, seconds } from "../duration.js"
import { ConfigError, misconfigured, SizeError } from "../errors.js"
import type { SessionEnd } from "../events.js"
import type { FoundSession, SessionRecord, User } from "../stores/ports.js"
import {
  type OpenedSession,
  type Principal,
  type SessionKit,
  type SessionStrategy,
  type Sessions,
  type SessionView,
  type SignInTicket,
  viewOf,
} from "./session.js"
import { formatSessionToken, newSessionToken, parseSessionToken } from "./session-token.js"

/** Limits of opaque sessions. */
export interface OpaqueOptions {
  /** Over after this long without a request. Default `"24h"`. */
  readonly idle?: Duration
  /** Over after this long whatever happens. Default `"30d"`. */
  readonly absolute?: Duration
  /** Seconds of staleness that the host accepts of its session store. Default 0; must be at least the store's own (promise 4). */
  readonly acceptStaleness?: Seconds
}

const claimsLimit = 2048
const userAgentLimit = 256

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
  const accepted = options.acceptStaleness ?? 0
  return { needs: ["sessions"], build: (kit) => opaqueSessions(kit, { idle, absolute, accepted }) }
}

interface Limits {
  readonly idle: Seconds
  readonly absolute: Seconds
  readonly accepted: Seconds
}

function opaqueSessions<C extends object>(kit: SessionKit<"sessions", C>, limits: Limits): Sessions<C> {
  const { clock, realm, emit } = kit
  const store = kit.stores.sessions
  refuseStaleness(store.staleness, limits.accepted)
  const idleMs = limits.idle * 1000
  const touchMs = idleMs / 10

  async function begin(userId: string): Promise<SignInTicket> {
    return { userId, epoch: await store.epoch(userId) }
  }

  async function open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<OpenedSession<C> | undefined> {
    if (user.disabledAt !== null) return undefined
    const claims = kit.claims(user)
    const stored = storable(claims)
    await endPresented(context)

    const now = clock()
    const { id, secret } = newSessionToken()
    const record: SessionRecord = {
      id,
      realm,
      userId: ticket.userId,
      secretHash: sha256(secret),
      epoch: ticket.epoch,
      revision: 0,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: now + idleMs,
      absoluteExpiresAt: now + limits.absolute * 1000,
      methods,
      claims: stored,
      address: context.address ?? "",
      userAgent: (context.userAgent ?? "").slice(0, userAgentLimit),
    }
    // Not `true` is no: an adapter that answers something else has not promised anything.
    if ((await store.insert(record)) !== true) return undefined
    await emit(context, { type: "session.opened", userId: record.userId, sessionId: record.id })
    return { principal: principalOf(record, claims), token: formatSessionToken({ id, secret }) }
  }

  /** Ended before the new one exists: a crash in between leaves less access, not more. */
  async function endPresented(context: Context): Promise<void> {
    const presented = await lookUp(context.token)
    if (presented) await end(presented.record.userId, presented.record.id, "replaced", context)
  }

  function read(token: string | undefined): Awaitable<Principal<C> | undefined> {
    return andThen(lookUp(token), (found) => {
      if (!found) return undefined
      const { record } = found
      if (clock() - record.lastSeenAt < touchMs) return principalOf(record, claimsOf(found))
      return touch(record).then((touched) => touched && principalOf(touched, claimsOf(found)))
    })
  }

  function lookUp(token: string | undefined): Awaitable<FoundSession | undefined> {
    const presented = parseSessionToken(token ?? "")
    return presented && andThen(store.find(presented.id), (found) => proven(found, presented.secret))
  }

  function proven(found: FoundSession | undefined, secret: string): Awaitable<FoundSession | undefined> {
    if (!found) return undefined
    const { record, user } = found
    if (record.realm !== realm || !isLive(record)) return undefined
    if (user && user.disabledAt !== null) return undefined
    if (equalInConstantTime(sha256(secret), record.secretHash)) return found
    const mismatch = { type: "session.token_mismatch", userId: record.userId, sessionId: record.id } as const
    return emit({}, mismatch).then(() => undefined)
  }

  /** As of this request where the store brings the user, else as of the sign-in. */
  function claimsOf({ record, user }: FoundSession): C {
    return user ? kit.claims(user) : (record.claims as C)
  }

  /**
   * Writes that the session was seen, and so moves its idle limit. When the swap fails, another request has written the
   * same, or the session has ended: only the store knows which, so it is asked once more.
   */
  async function touch(record: SessionRecord): Promise<SessionRecord | undefined> {
    const touched = seen(record)
    if ((await store.replace(touched, record.revision)) === true) return touched
    const current = (await store.find(record.id))?.record
    return current && current.secretHash === record.secretHash && isLive(current) ? current : undefined
  }

  /** The record's next revision: a request was seen now. */
  function seen(record: SessionRecord): SessionRecord {
    const now = clock()
    const expiresAt = Math.min(now + idleMs, record.absoluteExpiresAt)
    return { ...record, revision: record.revision + 1, lastSeenAt: now, expiresAt }
  }

  /** A renewal that comes in between changes the revision but not the secret, so the swap is tried again with what is there then. */
  async function rotate(token: string | undefined, context: Context): Promise<OpenedSession<C> | undefined> {
    for (let round = 0; round < 3; round++) {
      const found = await lookUp(token)
      if (!found) return undefined
      const { record } = found
      const { secret } = newSessionToken()
      const rotated = { ...seen(record), secretHash: sha256(secret) }
      if ((await store.replace(rotated, record.revision)) !== true) continue
      await emit(context, { type: "session.rotated", userId: rotated.userId, sessionId: rotated.id })
      return {
        principal: principalOf(rotated, claimsOf(found)),
        token: formatSessionToken({ id: rotated.id, secret }),
      }
    }
    return undefined
  }

  async function list(userId: string): Promise<readonly SessionView[]> {
    const records = await store.listByUser(userId)
    return records.filter((record) => record.realm === realm && isLive(record)).map(viewOf)
  }

  async function end(
    userId: string,
    sessionId: string,
    cause: SessionEnd,
    context: Context,
  ): Promise<boolean> {
    const found = await store.find(sessionId)
    if (!found || found.record.userId !== userId || found.record.realm !== realm) return false
    if (!(await store.delete(sessionId))) return false
    await emit(context, { type: "session.ended", userId, sessionId, cause })
    return true
  }

  async function endAll(
    userId: string,
    cause: SessionEnd,
    context: Context,
    exceptId?: string,
  ): Promise<number> {
    const ended = await store.deleteByUser(userId, exceptId)
    for (const sessionId of ended) await emit(context, { type: "session.ended", userId, sessionId, cause })
    return ended.length
  }

  /** Written so that an instant which is none (a store's mistake) counts as over. */
  function isLive(record: SessionRecord): boolean {
    const now = clock()
    return now < record.expiresAt && now < record.absoluteExpiresAt
  }

  function principalOf(record: SessionRecord, claims: C): Principal<C> {
    return { userId: record.userId, realm, claims, session: viewOf(record) }
  }

  return { maxAge: limits.absolute, begin, open, read, rotate, list, end, endAll }
}

/** JSON carries them, which `createAuth` checked by type; here it is their size. */
function storable(claims: object): SessionRecord["claims"] {
  const size = JSON.stringify(claims).length
  if (size <= claimsLimit) return claims as SessionRecord["claims"]
  throw new SizeError(
    `claims returned ${size} bytes of JSON; a session carries at most ${claimsLimit}. Map fewer fields.`,
  )
}

function refuseStaleness(staleness: Seconds, accepted: Seconds): void {
  if (staleness <= accepted) return
  throw new ConfigError(
    "ERR_CONFIG_STALENESS",
    `Where reads of this store lag ${staleness} s, a revoked session goes on so long. Write opaque({ acceptStaleness: ${staleness} }).`,
  )
}
