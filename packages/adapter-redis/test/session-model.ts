import type { Clock, SessionRecord } from "@mortise/core"

/** What a session store should do, in the plainest way, for one caller at a time. */
export interface SessionModel {
  epoch(userId: string): number
  insert(record: SessionRecord): boolean
  replace(record: SessionRecord, expectedRevision: number): boolean
  delete(id: string): boolean
  deleteByUser(userId: string, exceptId?: string): readonly string[]
  /** What can be found now. */
  live(): readonly SessionRecord[]
}

export function sessionModel(clock: Clock): SessionModel {
  const records = new Map<string, SessionRecord>()
  const epochs = new Map<string, number>()

  const epoch = (userId: string): number => epochs.get(userId) ?? 0
  const isLive = (record: SessionRecord): boolean =>
    clock() < record.expiresAt && clock() < record.absoluteExpiresAt
  const live = (): readonly SessionRecord[] => [...records.values()].filter(isLive)

  return {
    epoch,
    live,
    insert(record) {
      if (record.epoch !== epoch(record.userId)) return false
      records.set(record.id, record)
      return true
    },
    replace(record, expectedRevision) {
      const stored = records.get(record.id)
      if (!stored || !isLive(stored) || stored.revision !== expectedRevision) return false
      records.set(record.id, record)
      return true
    },
    delete(id) {
      const stored = records.get(id)
      records.delete(id)
      return stored !== undefined && isLive(stored)
    },
    deleteByUser(userId, exceptId) {
      epochs.set(userId, epoch(userId) + 1)
      const ending = live().filter((record) => record.userId === userId && record.id !== exceptId)
      for (const { id } of ending) records.delete(id)
      return ending.map(({ id }) => id)
    },
  }
}
