import type { EpochMs } from "@mortise/core"

/**
 * What {@link MortiseObject} answers when it is called from elsewhere. Each call is one round trip, and one
 * step that nothing comes in between.
 */
export interface ObjectStub {
  entryGet(key: string, now: EpochMs): Promise<string | undefined>
  entrySet(key: string, value: string, expiresAt: EpochMs): Promise<void>
  entryDelete(key: string): Promise<void>
  entryAdd(key: string, value: string, expiresAt: EpochMs, now: EpochMs): Promise<boolean>
  entrySwap(key: string, current: string, next: string, expiresAt: EpochMs, now: EpochMs): Promise<boolean>
  entryTake(key: string, now: EpochMs): Promise<string | undefined>
  entryIncrement(key: string, expiresAt: EpochMs, now: EpochMs): Promise<number>

  sessionOpen(row: SessionRow): Promise<boolean>
  sessionFind(id: string, now: EpochMs): Promise<string | undefined>
  sessionFindAll(ids: string[], now: EpochMs): Promise<string[]>
  sessionReplace(row: SessionRow, expectedRevision: number, now: EpochMs): Promise<boolean>
  sessionEnd(id: string, now: EpochMs): Promise<string | undefined>
  sessionEndAll(ids: string[], userId: string, now: EpochMs): Promise<string[]>

  userEpoch(userId: string, now: EpochMs): Promise<number>
  userEnter(userId: string, id: string, epoch: number, until: EpochMs): Promise<boolean>
  userSessions(userId: string): Promise<string[]>
  userRevoke(userId: string, now: EpochMs): Promise<string[]>
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
  toString(): string
}
