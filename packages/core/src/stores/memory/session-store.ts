import { type Clock, systemClock } from "../../clock.js"
import type { SessionRecord, SessionStore } from "../ports.js"
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
 * About 340 bytes per session. It knows no users: whoever disables or deletes one ends their sessions with
 * `deleteByUser`.
 */
export function memorySessionStore({ clock = systemClock }: MemorySessionOptions = {}): SessionStore<never> {
  const packedById = new Map<string, string>()
  const idsByUser = ownerIndex()
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
    idsByUser.remove(userId, id)
  }

  function liveOf(userId: string): readonly SessionRecord[] {
    return idsByUser.keysOf(userId).flatMap((id) => live(id) ?? [])
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
      idsByUser.add(compact(record.userId), id)
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

/**
 * A copy with memory of its own: V8 would keep a whole cookie header alive for the 22 characters that were
 * cut from it.
 */
function compact(text: string): string {
  return JSON.parse(JSON.stringify(text))
}
