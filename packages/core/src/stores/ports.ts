import type { Awaitable } from "../awaitable.js"
import type { EpochMs, Seconds } from "../clock.js"
import type { AuthEvent } from "../events.js"

/** What JSON can carry without loss. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * Short-lived values with indivisible steps: challenges, one-time tokens, OAuth states, counters. Keys are at most 512 bytes of printable
 * ASCII without spaces; values at most 64 KiB of UTF-8 without NUL. Every step is linearizable per key across all processes that
 * share the store. Expiry is an absolute instant, checked when reading: from `expiresAt` on (`now >= expiresAt`) a value does not
 * exist, for any method, whatever the backend still keeps; one written with a past `expiresAt` counts as written and is never read.
 * Every method rejects when the backend is unreachable.
 */
export interface AtomicStore {
  /** The live value, or undefined. */
  get(key: string): Promise<string | undefined>
  /** Writes unconditionally. */
  set(key: string, value: string, expiresAt: EpochMs): Promise<void>
  /** Removes; nothing happens when the key is absent. */
  delete(key: string): Promise<void>
  /** Sets only if absent: exactly one of N parallel callers gets true. */
  add(key: string, value: string, expiresAt: EpochMs): Promise<boolean>
  /** Compare and swap: replaces only while the live value equals `current`; exactly one of N parallel callers gets true. */
  swap(key: string, current: string, next: string, expiresAt: EpochMs): Promise<boolean>
  /** Consumes: exactly one of N parallel callers gets the value, the others undefined. */
  take(key: string): Promise<string | undefined>
  /**
   * Adds one and answers the new count, starting at 1. `expiresAt` counts only for the call that creates the counter, so the
   * window is fixed. The counter's value reads as its decimal digits through `get` and `swap`. Rejects on a value that is no counter.
   */
  increment(key: string, expiresAt: EpochMs): Promise<number>
}

/**
 * A session as stored: a dump of these signs nobody in, since the token's secret is only here as its digest. `expiresAt` never exceeds
 * `absoluteExpiresAt`; that is the writer's duty, and stores look at `expiresAt` alone. Numbers are whole, from 0 to 2^48 − 1.
 */
export interface SessionRecord {
  /** 128 random bits, base64url (22 characters). Public: shown in device lists, written to logs. */
  readonly id: string
  /** The realm that opened it; it is good in no other. */
  readonly realm: string
  readonly userId: string
  /** SHA-256 of the token's secret, base64url (43 characters). */
  readonly secretHash: string
  /** The user's session epoch when the sign-in began; {@link SessionStore.insert} compares it. */
  readonly epoch: number
  /** Counts every replacement, from 0. */
  readonly revision: number
  readonly createdAt: EpochMs
  /** When the user last proved who they are (fresh sign-in, step-up). */
  readonly authenticatedAt: EpochMs
  /** When it was last used, written at most every tenth of the idle time. */
  readonly lastSeenAt: EpochMs
  /** From this instant it is over unless it is renewed: idle limit or absolute limit, whichever is first. */
  readonly expiresAt: EpochMs
  /** From this instant it is over whatever happens. Renewal and rotation never move it. */
  readonly absoluteExpiresAt: EpochMs
  /** Authentication methods used: RFC 8176 names (`pwd`, `otp`, `hwk` …), `fed` for a provider, `email` for a mailbox. */
  readonly methods: readonly string[]
  /** What the host maps from its user to every session; at most 2 KiB as JSON. */
  readonly claims: { readonly [name: string]: Json }
  /** Network address that opened it, canonical text, or "" if the host does not tell. */
  readonly address: string
  /** User-Agent that opened it, at most 256 characters, unverified, or "". */
  readonly userAgent: string
}

/** A session together with its user where the store keeps both: one statement brings them. */
export interface FoundSession<U extends User = User> {
  readonly record: SessionRecord
  /** The user as of this read, or undefined where this store does not keep users. Then the record's claims stand. */
  readonly user: U | undefined
}

/**
 * Sessions. `find` is one round trip. What holds under concurrency: once `deleteByUser` or `delete` has answered, no `find` that
 * starts later, no `replace` and no `insert` with an older epoch brings any of those sessions back, in any process.
 */
export interface SessionStore<U extends User = User> {
  /** How many seconds a read may lag behind a write that was acknowledged elsewhere. 0: the next read anywhere sees it. */
  readonly staleness: Seconds
  /** The user's current epoch, which every `deleteByUser` raises. Read it before checking a credential. 0 for unknown users. */
  epoch(userId: string): Promise<number>
  /**
   * Stores a new session. False, and nothing is stored, unless the user's epoch is `record.epoch`: everything was revoked while the
   * sign-in was under way. Ids are random and never collide in practice; a duplicate id rejects. A user who does not exist is the
   * caller's mistake: a store with foreign keys refuses or rejects, others may store.
   */
  insert(record: SessionRecord): Promise<boolean>
  /** The session, or undefined if there is none, it has expired, or its user is known here to be disabled or gone. On the way of every request. */
  find(id: string): Awaitable<FoundSession<U> | undefined>
  /**
   * Compare and swap on the revision: stores `record` (whose revision is one higher) only while the stored revision is
   * `expectedRevision`. False if it changed or ended meanwhile; a session that ended is never resurrected. Id, user and realm stay.
   */
  replace(record: SessionRecord, expectedRevision: number): Promise<boolean>
  /** Ends one live session. True for exactly one of N parallel callers; false for an id that is expired, unknown or no id at all. */
  delete(id: string): Promise<boolean>
  /** The user's live sessions, newest first. Expired ones are left out. */
  listByUser(userId: string): Promise<readonly SessionRecord[]>
  /**
   * Ends all sessions of the user (but `exceptId`) and raises the user's epoch, so that sign-ins under way fail too.
   * Answers the ids of the live sessions that ended. The excepted session goes on; sign-ins under way fail nevertheless.
   */
  deleteByUser(userId: string, exceptId?: string): Promise<readonly string[]>
}

/** A user as the library needs it. A host's own users carry more; `claims` maps it. */
export interface User {
  /** Unique and never reused, at most 128 characters. Assigned by the store. */
  readonly id: string
  /** Canonical address, see `canonicalEmail`; unique. */
  readonly email: string
  /** When the user proved to read mail there; null: unverified. */
  readonly emailVerifiedAt: EpochMs | null
  /** When the account was disabled; null: active. A disabled user cannot sign in and holds no session. */
  readonly disabledAt: EpochMs | null
  readonly createdAt: EpochMs
}

/** What the library knows of a user to be created; a host's store fills its own fields. */
export interface NewUser {
  readonly email: string
  readonly emailVerifiedAt: EpochMs | null
  readonly createdAt: EpochMs
  /** What a provider says of the user, where one brought them: to be shown, and proof of nothing. A store may keep it or not; ours do not. */
  readonly profile?: Readonly<Record<string, string>>
  /** The language in which they came, one of the host's own list, where the flow knows it. */
  readonly locale?: string
  /** What the host itself put into the link that brought them. */
  readonly metadata?: Json
}

/** The fields that the library changes; it never writes others. */
export type UserChanges = Partial<Pick<User, "email" | "emailVerifiedAt" | "disabledAt">>

/** The host's users table. Six methods; a host with its own table implements them, the adapters bring ready ones. */
export interface UserStore<U extends User = User> {
  /** Creates the user, or answers undefined if the address is taken: of N parallel callers with one address exactly one gets a user. */
  create(user: NewUser): Promise<U | undefined>
  /** The user, or undefined for an id that is unknown, deleted, or no id at all. */
  find(id: string): Promise<U | undefined>
  /** Looks up the canonical address. */
  findByEmail(email: string): Promise<U | undefined>
  /** Changes only the named fields. `"absent"` if there is no such user, `"taken"` if the new address belongs to another. */
  update(id: string, changes: UserChanges): Promise<U | "absent" | "taken">
  /** Removes the user. True for exactly one of N parallel callers. */
  delete(id: string): Promise<boolean>
  /** Users by creation, oldest first, at most `limit` after the user whose id is `after`: for administration and maintenance. */
  list(page: { limit: number; after?: string }): Promise<readonly U[]>
}

/** What a user can prove themselves with. New kinds come with their flows. */
export type CredentialKind = "password" | "identity" | "totp" | "passkey" | "phone" | "recovery_code"

/**
 * One credential. `(kind, handle)` is unique in the store: for a password the handle is the user's id, for a provider's identity
 * `issuer|subject`, for a passkey its credential id. `secret` is never a bearer secret in plain: a PHC hash, a sealed seed, a public key.
 */
export interface Credential {
  readonly kind: CredentialKind
  readonly handle: string
  readonly userId: string
  readonly secret: string
  /** Counts every replacement, from 0. */
  readonly revision: number
  readonly createdAt: EpochMs
  /** When the secret was last set. */
  readonly changedAt: EpochMs
}

/** Credentials. Each step is linearizable per `(kind, handle)`. */
export interface CredentialStore {
  /** False if `(kind, handle)` is taken: exactly one of N parallel callers gets true. */
  insert(credential: Credential): Promise<boolean>
  /** The credential, or undefined. */
  find(kind: CredentialKind, handle: string): Promise<Credential | undefined>
  /** All of the user's credentials, in no promised order. */
  listByUser(userId: string): Promise<readonly Credential[]>
  /** Compare and swap on the revision, as {@link SessionStore.replace}. The user and the creation time cannot change. */
  replace(credential: Credential, expectedRevision: number): Promise<boolean>
  /** True for exactly one of N parallel callers. */
  delete(kind: CredentialKind, handle: string): Promise<boolean>
  /** Removes all of the user's credentials and answers how many there were. */
  deleteByUser(userId: string): Promise<number>
}

/** An event to be kept: what happened, to whom, when. */
export interface AuditEntry {
  /** The event's own `at`. */
  readonly at: EpochMs
  readonly event: AuthEvent
}

/** An entry as kept. */
export interface AuditRecord extends AuditEntry {
  /** Its place in the log: whole, from 1 on, rising by one, never given twice. */
  readonly number: number
  /** SHA-256 over this record and the hash of the one before, base64url (43 characters). */
  readonly hash: string
}

/** Which records are wanted; all of it together. */
export interface AuditQuery {
  readonly userId?: string | undefined
  /** Any of these; none of them if empty. */
  readonly types?: readonly AuthEvent["type"][] | undefined
  /** From this instant on. */
  readonly from?: EpochMs | undefined
  /** Before this instant. */
  readonly until?: EpochMs | undefined
  /** Older than the record of this number: the next page. */
  readonly before?: number | undefined
  /** At most so many. */
  readonly limit: number
}

/** A place in the log that somebody remembers elsewhere, to see later that nothing before it was cut off. */
export type AuditMark = Pick<AuditRecord, "number" | "hash">

/** What a look through the log has found. */
export type AuditVerdict =
  /** How many records were looked at, and the last one of the log: the mark to remember. Undefined while nothing was ever appended. */
  | { readonly ok: true; readonly records: number; readonly last: AuditMark | undefined }
  /** The first record that is missing, or does not have the hash that belongs to it, or was pseudonymized without an erasure. */
  | { readonly ok: false; readonly number: number; readonly fault: "changed" | "missing" | "unaccounted" }

/**
 * Append-only log of every event, each record's hash over the one before: what is changed or taken out is found. Of a person it says no more
 * than can be taken back: user id, digest of the e-mail address, network address and user agent go into the hash as salted digests, and
 * {@link AuditStore.pseudonymize} forgets the salt and keeps the digests, so the log still verifies.
 *
 * Whoever may rewrite every record after a changed one, and what the store knows of the log's end, can make a log that verifies. A mark
 * that is remembered where they cannot reach it finds that too.
 */
export interface AuditStore {
  /** Keeps the entry before it answers. Of N parallel callers each gets a number of its own, without gaps. */
  append(entry: AuditEntry): Promise<void>
  /** Newest first, by number: in the order in which they were kept. */
  list(query: AuditQuery): Promise<readonly AuditRecord[]>
  /**
   * Looks through the whole log, or what came after `since`, which must still be there as it was remembered. `unaccounted`: a record was
   * pseudonymized, and no later `user.erased` names its pseudonym. So it stands between the two steps of an erasure, and after one that broke
   * off until it is repeated.
   */
  verify(since?: AuditMark): Promise<AuditVerdict>
  /**
   * In all records of the user, and all without a user that hold one of `emailDigests`: puts `pseudonym` in the place of user id and
   * digest, and nothing in the place of address and user agent. For good. Answers how many records there were; one that holds a pseudonym
   * already stays as it is.
   */
  pseudonymize(userId: string, pseudonym: string, emailDigests?: readonly string[]): Promise<number>
}

/** One answer of a user to one question, for good: what came later is a record of its own. */
export interface ConsentRecord {
  readonly userId: string
  /** The host's word for what it is about: `newsletter`. At most 64 characters. */
  readonly purpose: string
  /** Of the text that was agreed to. At most 64 characters. */
  readonly version: string
  readonly given: boolean
  readonly at: EpochMs
}

/** Append-only history of what users agreed to. What comes from a visitor, the caller has checked. */
export interface ConsentStore {
  /** Keeps the record before it answers; none takes the place of another. A user who does not exist: as {@link SessionStore.insert}. */
  append(record: ConsentRecord): Promise<void>
  /** Oldest first, by `at`; of one instant in the order in which they were written. */
  listByUser(userId: string): Promise<readonly ConsentRecord[]>
  /** For erasure. Answers how many there were. */
  deleteByUser(userId: string): Promise<number>
}

/** What hears of sessions that ended, or changed, on any node. Neither throws. */
export interface SessionListener {
  /** These are over, or another token stands for them. */
  changed(ids: readonly string[]): void
  /** Messages may have been lost until now: whatever is remembered is worth nothing. */
  gap(): void
}

/**
 * Tells every node that sessions have ended. At most once each and in no promised order, so whoever relies on it has a bound of its own for what
 * is lost, and hears of every gap that can be noticed.
 */
export interface SessionMessages {
  /** Tells all nodes, this one included. */
  publish(ids: readonly string[]): Promise<void>
  /** Listens from when it answers. Calling what it answers stops. */
  subscribe(listener: SessionListener): Promise<() => Promise<void>>
}

/** The slots that a host fills. Flows and session strategies say which they need, and `createAuth` requires exactly those. */
export interface Stores<U extends User = User> {
  readonly users: UserStore<U>
  readonly credentials: CredentialStore
  readonly sessions: SessionStore<U>
  /** One-time things: states, links, codes. */
  readonly challenges: AtomicStore
  /** Counters of the throttles. */
  readonly rateLimits: AtomicStore
  readonly audit: AuditStore
  readonly consents: ConsentStore
}

/** Names of the slots. */
export type SlotName = keyof Stores
