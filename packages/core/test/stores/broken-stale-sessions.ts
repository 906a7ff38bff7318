import type { Clock } from "../../src/clock.js"
import { memorySessionStore } from "../../src/memory.js"
import type { SessionRecord, SessionStore } from "../../src/stores/ports.js"
import type { OwnedBench } from "../../src/testing.js"
import { type Defect, roundTrip } from "./broken-atomic.js"

type Broken = (store: SessionStore, clock: Clock) => Partial<SessionStore>

const staleness = 60

function defect(defect: string, caughtBy: string, broken: Broken): Defect<OwnedBench<SessionStore>> {
  function open(clock: Clock): OwnedBench<SessionStore> {
    const store = memorySessionStore({ clock })
    const both = { ...store, staleness, ...broken(store, clock) }
    return { a: both, b: both, newUserId: async () => crypto.randomUUID() }
  }
  return { defect, open, caughtBy }
}

/** Stores the record in place of what is there, or although nothing is there. */
async function overwrite(store: SessionStore, record: SessionRecord): Promise<void> {
  await store.delete(record.id)
  await store.insert({ ...record, epoch: await store.epoch(record.userId) })
}

/** What ended, or was replaced, is still found for as long as the staleness. */
function lateFind(
  store: SessionStore,
  clock: Clock,
): { find: SessionStore["find"]; before: (id: string) => Promise<void> } {
  const former = new Map<string, { readonly record: SessionRecord; readonly until: number }>()
  return {
    async before(id) {
      const found = await store.find(id)
      if (found && !former.has(id))
        former.set(id, { record: found.record, until: clock() + staleness * 1000 })
    },
    async find(id) {
      const kept = former.get(id)
      return kept !== undefined && clock() < kept.until
        ? { record: kept.record, user: undefined }
        : store.find(id)
    },
  }
}

export const staleSessionDefects: readonly Defect<OwnedBench<SessionStore>>[] = [
  defect(
    "it says that it is strict",
    "stale: staleness is a number of seconds above 0, the same for both instances",
    () => ({ staleness: 0 }),
  ),
  defect(
    "replace stores what is unknown",
    "unknown ids: no session, nothing to replace, nothing to end",
    (store) => ({
      replace: async (record, expectedRevision) =>
        (await store.replace(record, expectedRevision)) ||
        (!(await store.find(record.id)) && store.insert(record)),
    }),
  ),
  defect(
    "fails on ids that it did not make",
    "ids of any shape from outside are unknown, not a failure",
    (store) => ({
      async find(id) {
        if (!/^[\w-]{22}$/.test(id)) throw new TypeError("malformed id")
        return store.find(id)
      },
    }),
  ),
  defect("unknown users have no epoch", "unknown users have epoch 0 and no sessions", (store) => ({
    epoch: async (userId) => (await store.epoch(userId)) || Number.NaN,
  })),
  defect(
    "user agents are cut",
    "stale: a new session is found and listed everywhere, field by field",
    (store) => ({
      insert: (record) => store.insert({ ...record, userAgent: record.userAgent.slice(0, 255) }),
    }),
  ),
  defect(
    "it lists in any order",
    "stale: a new session is found and listed everywhere, field by field",
    (store) => ({ listByUser: async (userId) => [...(await store.listByUser(userId))].reverse() }),
  ),
  defect(
    "what has expired lasts as long as reads lag",
    "stale: over at expiresAt, to the millisecond, whatever is written",
    (_, clock) => memorySessionStore({ clock: () => clock() - staleness * 1000 }),
  ),
  defect(
    "replace keeps the former expiry",
    "stale: a renewal is seen everywhere, and the session lasts as long as it says",
    (store) => ({
      async replace(record, expectedRevision) {
        const stored = (await store.find(record.id))?.record
        return (
          stored !== undefined && store.replace({ ...record, expiresAt: stored.expiresAt }, expectedRevision)
        )
      },
    }),
  ),
  defect(
    "what ended can be ended again",
    "stale: delete ends one session everywhere, once the staleness has passed",
    (store) => ({
      async delete(id) {
        await store.delete(id)
        return true
      },
    }),
  ),
  defect(
    "a renewal stores what it has seen, ended or not",
    "stale: a renewal or rotation with an old view brings no ended session back",
    (store, clock) => {
      const { find, before } = lateFind(store, clock)
      return {
        find,
        async delete(id) {
          await before(id)
          return store.delete(id)
        },
        async replace(record) {
          if ((await find(record.id)) === undefined) return false
          await overwrite(store, record)
          return true
        },
      }
    },
  ),
  defect(
    "a renewal stores all that it has seen, the old secret too",
    "stale: a secret that was rotated away stays away, whoever renews with an old view",
    (store, clock) => {
      const { find, before } = lateFind(store, clock)
      return {
        find,
        async replace(record) {
          await before(record.id)
          await overwrite(store, record)
          return true
        },
      }
    },
  ),
  defect(
    "deleteByUser leaves the epoch",
    "stale: the epoch is another after each revocation, everywhere",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        const ids = (await store.listByUser(userId)).map(({ id }) => id).filter((id) => id !== exceptId)
        for (const id of ids) await store.delete(id)
        return ids
      },
    }),
  ),
  defect(
    "deleteByUser does not say what ended",
    "stale: deleteByUser ends the user's sessions, answers their ids, touches nobody else",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        await store.deleteByUser(userId, exceptId)
        return []
      },
    }),
  ),
  defect(
    "deleteByUser misses what is not listed yet",
    "stale: deleteByUser ends what was opened elsewhere a moment before, seen or not",
    (store, clock) => {
      const insertedAt = new Map<string, number>()
      return {
        async insert(record) {
          insertedAt.set(record.id, clock())
          return store.insert({ ...record, epoch: await store.epoch(record.userId) })
        },
        async deleteByUser(userId, exceptId) {
          const listed = (await store.listByUser(userId)).map(({ id }) => id)
          const ids = listed.filter(
            (id) => id !== exceptId && clock() - (insertedAt.get(id) ?? 0) >= staleness * 1000,
          )
          for (const id of ids) await store.delete(id)
          return ids
        },
      }
    },
  ),
  defect("insert ignores the epoch", "stale: deleteByUser ends sign-ins under way", (store) => ({
    insert: async (record) => store.insert({ ...record, epoch: await store.epoch(record.userId) }),
  })),
  defect(
    "an excepted session ends with the revocation all the same, later",
    "stale: the excepted session goes on, however young, and can be renewed and ended",
    (store, clock) => {
      const revokedAt = new Map<string, number>()
      return {
        async deleteByUser(userId, exceptId) {
          revokedAt.set(userId, clock())
          return store.deleteByUser(userId, exceptId)
        },
        async find(id) {
          const found = await store.find(id)
          const at = revokedAt.get(found?.record.userId ?? "") ?? Number.POSITIVE_INFINITY
          return clock() >= at + staleness * 1000 ? undefined : found
        },
      }
    },
  ),
  defect(
    "only the last revocation is remembered, with its exception",
    "stale: an exception made with an old view spares nothing that was revoked",
    (store) => {
      const spared = new Map<string, string>()
      const all = new Map<string, SessionRecord>()
      return {
        async insert(record) {
          all.set(record.id, record)
          return store.insert(record)
        },
        async deleteByUser(userId, exceptId = "") {
          spared.set(userId, exceptId)
          return store.deleteByUser(userId, exceptId)
        },
        async find(id) {
          const record = all.get(id)
          const isSpared = record !== undefined && spared.get(record.userId) === id
          return isSpared ? { record, user: undefined } : store.find(id)
        },
      }
    },
  ),
  defect(
    "an exception of another user ends there",
    "stale: an exception that is not the user's own protects nothing",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        if (exceptId !== undefined && (await store.find(exceptId))?.record.userId !== userId) return []
        return store.deleteByUser(userId, exceptId)
      },
    }),
  ),
  defect(
    "the record that was given is the one that is kept",
    "stale: what was handed in or out can be changed without changing the store",
    (store) => {
      const all = new Map<string, SessionRecord>()
      return {
        async insert(record) {
          all.set(record.id, record)
          return store.insert(record)
        },
        async find(id) {
          const record = all.get(id)
          return record && { record, user: undefined }
        },
      }
    },
  ),
  defect(
    "insert compares the epoch, then stores",
    "stale: revoke-all beats sign-ins and renewals of N parallel callers",
    (store) => ({
      async insert(record) {
        if ((await store.epoch(record.userId)) !== record.epoch) return false
        await roundTrip()
        return store.insert({ ...record, epoch: await store.epoch(record.userId) })
      },
    }),
  ),
]
