import type { Clock, FoundSession, SessionRecord, SessionStore } from "@mortise/core"
import { assertStorable, endOf, parseStored, storedRecord } from "../session-record.js"
import type { SessionRow } from "./namespace.js"
import type { Shards } from "./shards.js"

/** What the session store is built from. */
export interface SessionStoreParts {
  /** Keep the sessions, by session id. */
  readonly sessions: Shards
  /** Keep each user's epoch and index, by user id. */
  readonly users: Shards
  readonly clock: Clock
}

/**
 * Sessions on Durable Objects. `find` is one call of the object that keeps the id; the user's epoch and index
 * are in another object, and nothing reaches both in one step. Why revocation holds all the same:
 *
 * **Invariant.** A live session is listed in its user's index: `insert` lists it before it stores it, and an id
 * leaves the index only when its session is gone or over in any case.
 *
 * **insert** against **deleteByUser**:
 *   1. `insert`, in the user's object: if the epoch is still the sign-in's, list the id.
 *   2. `insert`, in the session's object: store it, unless it is said there that it was revoked.
 *   R1. `deleteByUser`, in the user's object: raise the epoch and read the index.
 *   R2. `deleteByUser`, in each session's object: remove the session, or, if it is not there yet, say that it was
 *       revoked.
 *   R3. `deleteByUser`, in the user's object: take the ids out of the index.
 * If R1 comes before 1, 1 sees another epoch and the insertion ends. If R1 comes after 1, it has read the id: if R2
 * comes before 2, 2 sees it; if after, R2 removes the session before `deleteByUser` has answered.
 *
 * **replace** changes only a session that is there, at the expected revision: it revives nothing.
 *
 * **Crashes.** Between 1 and 2, and in `delete` after its first step: an id in the index that leads nowhere until
 * its session would have been over. After R1 or R2: the index still has every id, and a repetition ends the rest.
 */
export function sessionStore({ sessions, users, clock }: SessionStoreParts): SessionStore<never> {
  async function epoch(userId: string): Promise<number> {
    return users.of(userId).userEpoch(userId, clock())
  }

  async function insert(record: SessionRecord): Promise<boolean> {
    const row = rowOf(record)
    const { userId, id, absoluteExpiresAt } = record
    if (!(await users.of(userId).userEnter(userId, id, record.epoch, absoluteExpiresAt))) return false
    return sessions.of(id).sessionOpen(row)
  }

  async function find(id: string): Promise<FoundSession<never> | undefined> {
    const text = await sessions.of(id).sessionFind(id, clock())
    return text === undefined ? undefined : { record: storedRecord(parseStored(text), id), user: undefined }
  }

  async function replace(record: SessionRecord, expectedRevision: number): Promise<boolean> {
    return sessions.of(record.id).sessionReplace(rowOf(record), expectedRevision, clock())
  }

  async function remove(id: string): Promise<boolean> {
    const userId = await sessions.of(id).sessionEnd(id, clock())
    if (userId === undefined) return false
    await users.of(userId).userLeave(userId, [id])
    return true
  }

  // What leads nowhere stays listed here: it may be a session that is just being inserted.
  async function listByUser(userId: string): Promise<readonly SessionRecord[]> {
    const ids = await users.of(userId).userSessions(userId)
    const texts = await Promise.all(
      sessions.grouped(ids).map(([object, group]) => object.sessionFindAll(group, clock())),
    )
    return texts
      .flat()
      .map(recordIn)
      .filter((record) => record.userId === userId)
      .sort((one, other) => other.createdAt - one.createdAt)
  }

  async function deleteByUser(userId: string, exceptId?: string): Promise<readonly string[]> {
    const listed = await users.of(userId).userRevoke(userId, clock())
    const ids = listed.filter((id) => id !== exceptId)
    const ended = await Promise.all(
      sessions.grouped(ids).map(([object, group]) => object.sessionEndAll(group, userId, clock())),
    )
    if (ids.length > 0) await users.of(userId).userLeave(userId, ids)
    return ended.flat()
  }

  return { staleness: 0, epoch, insert, find, replace, delete: remove, listByUser, deleteByUser }
}

function rowOf(record: SessionRecord): SessionRow {
  assertStorable(record)
  // SQLite would keep another text in place of half a character, and the user's sessions could not be revoked by the id that they have.
  if (/\p{Surrogate}/u.test(record.userId)) throw new TypeError("A user's id has half a character in it.")
  const { id, userId, revision, absoluteExpiresAt } = record
  return { id, userId, revision, absoluteExpiresAt, expiresAt: endOf(record), text: JSON.stringify(record) }
}

function recordIn(text: string): SessionRecord {
  const value = parseStored(text)
  return storedRecord(value, String(Object(value).id))
}
