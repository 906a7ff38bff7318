import type { EpochMs } from "@mortise/core"

/**
 * What `MortiseObject` answers when it is called from elsewhere. Each call is one round trip, and one
 * step that nothing comes in between.
 */
export interface ObjectStub {
  /** `AtomicStore.get`. */
  entryGet(key: string, now: EpochMs): Promise<string | undefined>
  /** `AtomicStore.set`. */
  entrySet(key: string, value: string, expiresAt: EpochMs): Promise<void>
  /** `AtomicStore.delete`. */
  entryDelete(key: string): Promise<void>
  /** `AtomicStore.add`. */
  entryAdd(key: string, value: string, expiresAt: EpochMs, now: EpochMs): Promise<boolean>
  /** `AtomicStore.swap`. */
  entrySwap(key: string, current: string, next: string, expiresAt: EpochMs, now: EpochMs): Promise<boolean>
  /** `AtomicStore.take`. */
  entryTake(key: string, now: EpochMs): Promise<string | undefined>
  /** `AtomicStore.increment`; rejects for a value that is no counter. */
  entryIncrement(key: string, expiresAt: EpochMs, now: EpochMs): Promise<number>

  /** Stores a session. False if it was revoked meanwhile; rejects if the id is taken. */
  sessionOpen(row: SessionRow): Promise<boolean>
  /** A live session's text. */
  sessionFind(id: string, now: EpochMs): Promise<string | undefined>
  /** The texts of those that are live. */
  sessionFindAll(ids: string[], now: EpochMs): Promise<string[]>
  /** `SessionStore.replace`. */
  sessionReplace(row: SessionRow, expectedRevision: number, now: EpochMs): Promise<boolean>
  /** Ends a live session and answers whose it was. */
  sessionEnd(id: string, now: EpochMs): Promise<string | undefined>
  /** Ends this user's, those that are only being opened too, and answers which were live. */
  sessionEndAll(ids: string[], userId: string, now: EpochMs): Promise<string[]>

  /** `SessionStore.epoch`. */
  userEpoch(userId: string, now: EpochMs): Promise<number>
  /** Lists a session that is being opened, if the user's epoch is still this. */
  userEnter(userId: string, id: string, epoch: number, until: EpochMs): Promise<boolean>
  /** Ids of the user's sessions; some may lead nowhere. */
  userSessions(userId: string): Promise<string[]>
  /** Raises the user's epoch and answers the ids that are listed. */
  userRevoke(userId: string, now: EpochMs): Promise<string[]>
  /** Takes ids out of the user's index. */
  userLeave(userId: string, ids: string[]): Promise<void>
}

/** A session as an object keeps it: what its steps compare, and the record as JSON. */
export interface SessionRow {
  readonly id: string
  readonly userId: string
  readonly revision: number
  /** Over at this instant, whichever limit comes first. */
  readonly expiresAt: EpochMs
  readonly absoluteExpiresAt: EpochMs
  readonly text: string
}

/**
 * All that is needed of a Durable Object binding. The binding of a Worker whose class is `MortiseObject` fits as
 * it is; one of another class does not compile. `namespace.jurisdiction("eu")` fits too.
 */
export interface ObjectNamespace {
  /** The id that this name always has. */
  idFromName(name: string): ObjectId
  /** The object, wherever it runs; asks nobody yet. */
  get(id: ObjectId, options?: { locationHint?: string }): ObjectStub
}

/** Where an object is found. */
export interface ObjectId {
  /** In 64 hex digits. */
  toString(): string
}
