import type { SessionMessages, SessionRecord, SessionStore, User } from "../ports.js"
import { teller } from "./teller.js"

const retriedForMs = 60_000

/**
 * The same store, which tells all nodes of every session that ends here or gets another token: so that sockets close, where
 * {@link tiered} does not tell anyway. The message goes out after the store has answered. One that cannot be sent fails nothing, and is
 * tried again for a minute; a host that dies in between has told nobody, so who listens has a bound of its own.
 *
 * Renewing a session costs one read more, which tells a renewal from another token.
 */
export function announced<U extends User = never>(
  store: SessionStore<U>,
  messages: SessionMessages,
): SessionStore<U> {
  const tell = teller(messages, retriedForMs)

  async function replace(record: SessionRecord, expectedRevision: number): Promise<boolean> {
    const before = (await store.find(record.id))?.record
    const replaced = await store.replace(record, expectedRevision)
    const isRenewal = before?.revision === expectedRevision && before.secretHash === record.secretHash
    if (replaced && !isRenewal) await tell([record.id])
    return replaced
  }

  return {
    staleness: store.staleness,
    epoch: (userId) => store.epoch(userId),
    insert: (record) => store.insert(record),
    find: (id) => store.find(id),
    replace,
    listByUser: (userId) => store.listByUser(userId),

    async delete(id) {
      const ended = await store.delete(id)
      if (ended) await tell([id])
      return ended
    },

    async deleteByUser(userId, exceptId) {
      const ended = await store.deleteByUser(userId, exceptId)
      await tell(ended)
      return ended
    },
  }
}
