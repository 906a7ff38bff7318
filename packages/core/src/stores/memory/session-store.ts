import { type Clock, systemClock } from "../../clock.js"
import type { SessionRecord, SessionStore } from "../ports.js"
import { compact } from "./compact.js"
import { ownerIndex } from "./owner-index.js"
import { packSession, unpackSession } from "./session-codec.js"
import { sweeper } from "./sweep.js"

/** How {@link memorySessionStore} tells the time. */
export interface MemorySessionOptions {
  readonly clock?: Clock
}

/**
 * Sessions in this process: for tests, demos and servers that are one process. A restart signs everybody out.
 * Every method does its step before it returns to the event loop, so on one thread each step is indivisible.
 *
 * About 300 bytes per session. It knows no users: whoever disables or deletes one ends their sessions with
 * `deleteByUser`.
 */
export function memorySessionStore({ clock = systemClock }: MemorySessionOptions = {}): SessionStore<never> {
  const packedById = new Map<string, string>()
  /** By the hash of the user's id, a small number, which a Map holds without an object of its own. Two users may share one. */
  const idsByUserHash = ownerIndex<number>()
  /**
   * Only of users who were ever revoked. Never forgotten: a sign-in under way may still name an older one.
   */
  const epochs = new Map<string, number>()
  const sweepSome = sweeper(
    packedById,
    (packed) => hasExpired(unpackSession("", packed)),
    (id, packed) => remove(unpackSession(id, packed)),
  )

  function hasExpired(record: SessionRecord): boolean {
    return clock() >= record.expiresAt
  }

  function live(id: string): SessionRecord | undefined {
    const packed = packedById.get(id)
    if (packed === undefined) return undefined
    const record = unpackSession(id, packed)
    return hasExpired(record) ? undefined : record
  }

  function remove({ id, userId }: SessionRecord): void {
    packedById.delete(id)
    idsByUserHash.remove(hashOf(userId), id)
  }

  function liveOf(userId: string): readonly SessionRecord[] {
    const sessions = idsByUserHash.keysOf(hashOf(userId)).flatMap((id) => live(id) ?? [])
    return sessions.filter((record) => record.userId === userId)
  }

  return {
    staleness: 0,

    async epoch(userId) {
      return epochs.get(userId) ?? 0
    },

    async insert(record) {
      if (packedById.has(record.id)) throw new Error("A session with this id exists already.")
      if (record.epoch !== (epochs.get(record.userId) ?? 0)) return false
      sweepSome()
      const id = compact(record.id)
      packedById.set(id, packSession(record))
      idsByUserHash.add(hashOf(record.userId), id)
      return true
    },

    find(id) {
      const record = live(id)
      return record && { record, user: undefined }
    },

    async replace(record, expectedRevision) {
      const stored = live(record.id)
      if (stored?.revision !== expectedRevision) return false
      if (stored.userId !== record.userId) throw new TypeError("replace: a session cannot change its user.")
      packedById.set(record.id, packSession(record))
      return true
    },

    async delete(id) {
      const record = live(id)
      if (record) remove(record)
      return record !== undefined
    },

    async listByUser(userId) {
      return [...liveOf(userId)].sort((one, other) => other.createdAt - one.createdAt)
    },

    async deleteByUser(userId, exceptId) {
      epochs.set(userId, (epochs.get(userId) ?? 0) + 1)
      const ending = liveOf(userId).filter((record) => record.id !== exceptId)
      for (const record of ending) remove(record)
      return ending.map((record) => record.id)
    },
  }
}

/** FNV-1a, the upper 31 bits: no two of 10,000 users are likely to share one. */
function hashOf(userId: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < userId.length; index++)
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193)
  return hash >>> 1
}
