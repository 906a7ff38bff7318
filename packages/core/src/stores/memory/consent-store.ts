import type { ConsentRecord, ConsentStore } from "../ports.js"

/** What users agreed to, in this process: for tests and demos. Records that it answers are frozen. */
export function memoryConsentStore(): ConsentStore {
  const histories = new Map<string, ConsentRecord[]>()

  return {
    async append(record) {
      const { userId, purpose, version, given, at } = record
      const history = histories.get(userId) ?? []
      histories.set(userId, history)
      let place = history.length
      // Almost always the end; earlier only if a parallel request took the time before the last one did.
      while ((history[place - 1]?.at ?? at) > at) place -= 1
      history.splice(place, 0, Object.freeze({ userId, purpose, version, given, at }))
    },

    async listByUser(userId) {
      return [...(histories.get(userId) ?? [])]
    },

    async deleteByUser(userId) {
      const count = histories.get(userId)?.length ?? 0
      histories.delete(userId)
      return count
    },
  }
}
