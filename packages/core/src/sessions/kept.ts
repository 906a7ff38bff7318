import { type Awaitable, andThen } from "../awaitable.js"
import type { Seconds } from "../clock.js"
import type { Context } from "../context.js"
import { utf8 } from "../crypto/utf8.js"
import { ConfigError, SizeError } from "../errors.js"
import type { SessionEnd } from "../events.js"
import type { FoundSession, SessionRecord, User } from "../stores/ports.js"
import { type Principal, type SessionKit, type SessionView, type SignInTicket, viewOf } from "./session.js"

/** How long records live, and what lag of their store the host accepts. */
export interface KeptLimits {
  readonly idle: Seconds
  readonly absolute: Seconds
  readonly accepted: Seconds
}

/** A record and the claims that it was made with. */
export interface KeptSession<C extends object> {
  readonly record: SessionRecord
  readonly claims: C
}

/** Sessions as records of the `sessions` slot: what all strategies share that keep any, whatever stands for a session outside. */
export interface KeptSessions<C extends object> {
  begin(userId: string): Promise<SignInTicket>
  /** Undefined if the user's sessions were revoked, or the user disabled, since `begin`. @throws SizeError for claims beyond 2 KiB */
  insert(
    proof: Pick<SessionRecord, "id" | "secretHash">,
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<KeptSession<C> | undefined>
  /** The session of this realm, if it has not ended and its user is not known to be disabled. One store read. */
  live(id: string): Awaitable<FoundSession | undefined>
  /** As of this request where the store brings the user, else as of when they were last written. */
  claimsOf(found: FoundSession): C
  /** The record's next revision: a request was seen now, or its user has proven again who they are. */
  seen(record: SessionRecord, proven?: readonly string[]): SessionRecord
  /** Writes that revision. When the swap fails, somebody else has written, or it has ended: only the store knows, so it is asked once more. */
  touch(record: SessionRecord): Promise<SessionRecord | undefined>
  list(userId: string): Promise<readonly SessionView[]>
  end(userId: string, sessionId: string, cause: SessionEnd, context: Context): Promise<boolean>
  endAll(userId: string, cause: SessionEnd, context: Context, exceptId?: string): Promise<number>
}

const claimsLimit = 2048
const userAgentLimit = 256

/** @throws ConfigError `ERR_CONFIG_STALENESS` for a store that lags more than the host accepts */
export function keptSessions<C extends object>(
  kit: SessionKit<"sessions", C>,
  limits: KeptLimits,
  strategy: string,
): KeptSessions<C> {
  const { clock, realm, emit } = kit
  const store = kit.stores.sessions
  const { staleness } = store
  if (!(staleness <= limits.accepted)) {
    throw new ConfigError(
      "ERR_CONFIG_STALENESS",
      `Reads of this store lag ${staleness} s, and so do revocations. Write ${strategy}({ acceptStaleness: ${staleness} }).`,
    )
  }
  const idleMs = limits.idle * 1000

  async function begin(userId: string): Promise<SignInTicket> {
    return { userId, epoch: await store.epoch(userId) }
  }

  async function insert(
    proof: Pick<SessionRecord, "id" | "secretHash">,
    { epoch, userId }: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<KeptSession<C> | undefined> {
    if (user.disabledAt !== null) return undefined
    const claims = kit.claims(user)
    const now = clock()
    const record: SessionRecord = {
      ...proof,
      realm,
      userId,
      epoch,
      revision: 0,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: now + idleMs,
      absoluteExpiresAt: now + limits.absolute * 1000,
      methods,
      claims: storable(claims),
      address: context.address ?? "",
      userAgent: (context.userAgent ?? "").slice(0, userAgentLimit),
    }
    // Not `true` is no: an adapter that answers something else has not promised anything.
    if ((await store.insert(record)) !== true) return undefined
    await emit(context, { type: "session.opened", userId, sessionId: record.id })
    return { record, claims }
  }

  function live(id: string): Awaitable<FoundSession | undefined> {
    return andThen(store.find(id), (found) => (found && isLive(found) ? found : undefined))
  }

  /** Written so that an instant which is none (a store's mistake) counts as over. */
  function isLive({ record, user }: FoundSession): boolean {
    const now = clock()
    return (
      record.realm === realm &&
      now < record.expiresAt &&
      now < record.absoluteExpiresAt &&
      !(user && user.disabledAt !== null)
    )
  }

  function claimsOf({ record, user }: FoundSession): C {
    return user ? kit.claims(user) : (record.claims as C)
  }

  async function touch(record: SessionRecord): Promise<SessionRecord | undefined> {
    const touched = seen(record)
    if ((await store.replace(touched, record.revision)) === true) return touched
    const current = (await live(record.id))?.record
    return current?.secretHash === record.secretHash ? current : undefined
  }

  function seen(record: SessionRecord, proven?: readonly string[]): SessionRecord {
    const now = clock()
    const expiresAt = Math.min(now + idleMs, record.absoluteExpiresAt)
    const fresh = proven && { authenticatedAt: now, methods: [...new Set([...record.methods, ...proven])] }
    return { ...record, revision: record.revision + 1, lastSeenAt: now, expiresAt, ...fresh }
  }

  async function list(userId: string): Promise<readonly SessionView[]> {
    const records = await store.listByUser(userId)
    return records.filter((record) => isLive({ record, user: undefined })).map(viewOf)
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

  return { begin, insert, live, claimsOf, seen, touch, list, end, endAll }
}

/** JSON carries them, which `createAuth` checked by type; here it is their size. @throws SizeError */
export function storable(claims: object): SessionRecord["claims"] {
  const size = utf8.encode(JSON.stringify(claims)).length
  if (size <= claimsLimit) return claims as SessionRecord["claims"]
  throw new SizeError(`claims: ${size} bytes of JSON; ${claimsLimit} are kept. Map fewer fields.`)
}

/** Who the record stands for. */
export function principalOf<C extends object>(record: SessionRecord, claims: C): Principal<C> {
  return { userId: record.userId, realm: record.realm, claims, session: viewOf(record) }
}
