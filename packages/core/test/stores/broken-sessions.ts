import type { Clock } from "../../src/clock.js"
import { memorySessionStore } from "../../src/memory.js"
import type { FoundSession, SessionRecord, SessionStore } from "../../src/stores/ports.js"
import type { OwnedBench } from "../../src/testing.js"
import { type Defect, roundTrip } from "./broken-atomic.js"

type Broken = (store: SessionStore, clock: Clock) => Partial<SessionStore>

function defect(defect: string, caughtBy: string, broken: Broken): Defect<OwnedBench<SessionStore>> {
  function open(clock: Clock): OwnedBench<SessionStore> {
    const store = memorySessionStore({ clock })
    const both = { ...store, ...broken(store, clock) }
    return { a: both, b: both, newUserId }
  }
  return { defect, open, caughtBy }
}

async function newUserId(): Promise<string> {
  return crypto.randomUUID()
}

/** Stores the record in place of what is there, or although nothing is there: a write without a condition. */
async function overwrite(store: SessionStore, record: SessionRecord): Promise<void> {
  await store.delete(record.id)
  await store.insert({ ...record, epoch: await store.epoch(record.userId) })
}

/** A store, and a way to run one step of it as if nothing had expired yet. */
function lateStore(clock: Clock): { store: SessionStore; late: <R>(step: () => R) => R } {
  let lateness = 0
  function late<R>(step: () => R): R {
    lateness = 9e9
    try {
      return step()
    } finally {
      lateness = 0
    }
  }
  return { store: memorySessionStore({ clock: () => clock() - lateness }), late }
}

const survivors = (callers: number): string =>
  `deleteByUser against ${callers} parallel inserts and replaces: no session of the older epoch survives`

export const sessionDefects: readonly Defect<OwnedBench<SessionStore>>[] = [
  defect(
    "insert ignores the epoch",
    "insert refuses an epoch that is no longer the user's, and stores nothing",
    (store) => ({
      insert: async (record) => store.insert({ ...record, epoch: await store.epoch(record.userId) }),
    }),
  ),
  ...[16, 32, 64].map((callers) =>
    defect(`insert compares the epoch, then stores (${callers} callers)`, survivors(callers), (store) => ({
      async insert(record) {
        if ((await store.epoch(record.userId)) !== record.epoch) return false
        await roundTrip()
        return store.insert({ ...record, epoch: await store.epoch(record.userId) })
      },
    })),
  ),
  defect(
    "insert accepts an epoch of the future",
    "insert refuses an epoch that is no longer the user's, and stores nothing",
    (store) => ({
      async insert(record) {
        const current = await store.epoch(record.userId)
        return store.insert({ ...record, epoch: Math.min(current, record.epoch) })
      },
    }),
  ),
  defect(
    "deleteByUser leaves the epoch",
    "the epoch is the number of times that deleteByUser ran",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        const ids = (await store.listByUser(userId))
          .map((record) => record.id)
          .filter((id) => id !== exceptId)
        for (const id of ids) await store.delete(id)
        return ids
      },
    }),
  ),
  defect(
    "deleteByUser with an exception leaves the epoch",
    "the excepted session goes on; sign-ins under way fail nevertheless",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        if (exceptId === undefined) return store.deleteByUser(userId)
        const ids = (await store.listByUser(userId))
          .map((record) => record.id)
          .filter((id) => id !== exceptId)
        for (const id of ids) await store.delete(id)
        return ids
      },
    }),
  ),
  defect("deleteByUser lists before it raises the epoch", survivors(32), (store) => {
    const epochs = new Map<string, number>()
    const epoch = async (userId: string): Promise<number> => epochs.get(userId) ?? 0
    return {
      epoch,
      insert: async (record) =>
        record.epoch === (epochs.get(record.userId) ?? 0) && store.insert({ ...record, epoch: 0 }),
      async deleteByUser(userId) {
        const listed = await store.listByUser(userId)
        await roundTrip()
        epochs.set(userId, (epochs.get(userId) ?? 0) + 1)
        for (const { id } of listed) await store.delete(id)
        return listed.map((record) => record.id)
      },
    }
  }),
  defect(
    "deleteByUser ends the excepted session",
    "the excepted session goes on; sign-ins under way fail nevertheless",
    (store) => ({
      deleteByUser: (userId) => store.deleteByUser(userId),
    }),
  ),
  defect(
    "deleteByUser writes the excepted session back as it was",
    "deleteByUser with an exception against its renewal: it goes on with every renewal",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        const kept = exceptId === undefined ? undefined : await store.find(exceptId)
        await roundTrip()
        const ended = await store.deleteByUser(userId)
        if (kept) await overwrite(store, kept.record)
        return ended.filter((id) => id !== exceptId)
      },
    }),
  ),
  defect(
    "an exception of another user ends there",
    "an exception that is not the user's own protects nothing",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        if (exceptId !== undefined && (await store.find(exceptId))?.record.userId !== userId) return []
        return store.deleteByUser(userId, exceptId)
      },
    }),
  ),
  defect(
    "parallel revocations report one session twice",
    "deleteByUser: every one of N parallel callers counts, every session ends once",
    (store) => ({
      async deleteByUser(userId, exceptId) {
        const listed = (await store.listByUser(userId)).map((record) => record.id)
        await roundTrip()
        await store.deleteByUser(userId, exceptId)
        return listed.filter((id) => id !== exceptId)
      },
    }),
  ),
  defect(
    "replace resurrects",
    "delete ends one session, once, and replace does not resurrect it",
    (store) => ({
      async replace(record, expectedRevision) {
        const stored = (await store.find(record.id))?.record
        if (stored && stored.revision !== expectedRevision) return false
        await overwrite(store, record)
        return true
      },
    }),
  ),
  defect(
    "replace looks, then resurrects",
    "delete against replace: nobody resurrects an ended session",
    (store) => ({
      async replace(record, expectedRevision) {
        if ((await store.find(record.id))?.record.revision !== expectedRevision) return false
        await roundTrip()
        await overwrite(store, record)
        return true
      },
    }),
  ),
  defect(
    "replace looks, then writes",
    "replace: exactly one of N parallel callers with one revision gets true",
    (store) => ({
      async replace(record, expectedRevision) {
        if ((await store.find(record.id))?.record.revision !== expectedRevision) return false
        await roundTrip()
        await overwrite(store, record)
        return true
      },
    }),
  ),
  defect(
    "replace ignores the revision",
    "replace stores the next revision only over the expected one",
    (store) => ({
      async replace(record) {
        const stored = (await store.find(record.id))?.record
        return stored !== undefined && store.replace(record, stored.revision)
      },
    }),
  ),
  defect("replace merges claims", "replace stores the next revision only over the expected one", (store) => ({
    async replace(record, expectedRevision) {
      const claims = { ...(await store.find(record.id))?.record.claims, ...record.claims }
      return store.replace({ ...record, claims }, expectedRevision)
    },
  })),
  defect("some renewals are lost", "find and replace lose no revision among N parallel callers", (store) => ({
    async replace(record, expectedRevision) {
      const current = (await store.find(record.id))?.record.revision
      await roundTrip()
      if (current === expectedRevision) await overwrite(store, record)
      return current === expectedRevision
    },
  })),
  defect(
    "replace revives an expired session",
    "replace renews one millisecond before expiresAt, resurrects nothing at expiresAt",
    (_, clock) => {
      const { store, late } = lateStore(clock)
      return {
        ...store,
        replace: (record, expectedRevision) => late(() => store.replace(record, expectedRevision)),
      }
    },
  ),
  defect("replace keeps the former expiry", "replace can bring the expiry nearer", (store) => ({
    async replace(record, expectedRevision) {
      const stored = (await store.find(record.id))?.record
      return (
        stored !== undefined && store.replace({ ...record, expiresAt: stored.expiresAt }, expectedRevision)
      )
    },
  })),
  defect(
    "find is one millisecond late",
    "find: there one millisecond before expiresAt, gone at expiresAt",
    (_, clock) => memorySessionStore({ clock: () => clock() - 1 }),
  ),
  defect(
    "find is one millisecond early",
    "find: there one millisecond before expiresAt, gone at expiresAt",
    (_, clock) => memorySessionStore({ clock: () => clock() + 1 }),
  ),
  defect("find is a second late", "in real time: there before expiresAt, gone at expiresAt", (_, clock) =>
    memorySessionStore({ clock: () => clock() - 1_000 }),
  ),
  defect(
    "lists what has expired",
    "listByUser leaves out what has expired, to the millisecond",
    (_, clock) => {
      const { store, late } = lateStore(clock)
      return { ...store, listByUser: (userId) => late(() => store.listByUser(userId)) }
    },
  ),
  defect(
    "counts what has expired as ended",
    "delete and deleteByUser end what lives and do not count what has expired",
    (_, clock) => {
      const { store, late } = lateStore(clock)
      return {
        ...store,
        deleteByUser: (userId, exceptId) => late(() => store.deleteByUser(userId, exceptId)),
      }
    },
  ),
  defect(
    "an exception renews what has expired",
    "an excepted session that has expired is not brought back",
    (_, clock) => {
      const { store, late } = lateStore(clock)
      return {
        ...store,
        async deleteByUser(userId, exceptId) {
          const ended = await store.deleteByUser(userId, exceptId)
          const kept = await late(() => store.find(exceptId ?? ""))
          const renewed = kept && { ...kept.record, revision: kept.record.revision + 1, expiresAt: 9e12 }
          if (renewed) await late(() => store.replace(renewed, kept.record.revision))
          return ended
        },
      }
    },
  ),
  defect("delete is true for everybody", "delete: true for exactly one of N parallel callers", (store) => ({
    async delete(id) {
      const found = await store.find(id)
      await roundTrip()
      await store.delete(id)
      return found !== undefined
    },
  })),
  defect(
    "delete raises the epoch",
    "delete ends one session, once, and replace does not resurrect it",
    (store) => ({
      async delete(id) {
        const found = await store.find(id)
        if (found) await store.deleteByUser(found.record.userId, "")
        return found !== undefined
      },
    }),
  ),
  defect(
    "a duplicate id overwrites",
    "a duplicate id rejects and leaves the session that has it",
    (store) => ({
      async insert(record) {
        await store.delete(record.id)
        return store.insert(record)
      },
    }),
  ),
  defect(
    "racing inserts of one id all succeed",
    "insert: of N parallel callers with one id one gets true, the others reject",
    (store) => ({
      async insert(record) {
        if (await store.find(record.id)) throw new Error("duplicate")
        await roundTrip()
        await overwrite(store, record)
        return true
      },
    }),
  ),
  defect(
    "lists oldest first",
    "listByUser brings the user's sessions, newest first, and nobody else's",
    (store) => ({
      listByUser: async (userId) => [...(await store.listByUser(userId))].reverse(),
    }),
  ),
  defect(
    "lists by last use",
    "listByUser brings the user's sessions, newest first, and nobody else's",
    (store) => ({
      listByUser: async (userId) =>
        [...(await store.listByUser(userId))].sort((one, other) => other.lastSeenAt - one.lastSeenAt),
    }),
  ),
  defect(
    "keeps the objects it is given",
    "what was handed in or out can be changed without changing the store",
    (store) => {
      const given = new Map<string, SessionRecord>()
      return {
        async insert(record) {
          given.set(record.id, record)
          return store.insert(record)
        },
        async find(id): Promise<FoundSession | undefined> {
          const record = given.get(id)
          return record && { record, user: undefined }
        },
      }
    },
  ),
  defect("times are kept in seconds", "every instant keeps its own milliseconds", (store) => ({
    insert: (record) =>
      store.insert({ ...record, lastSeenAt: Math.floor(record.lastSeenAt / 1_000) * 1_000 }),
  })),
  defect(
    "user agents are cut",
    "a session inserted through one instance is found through the other, field by field",
    (store) => ({
      insert: (record) => store.insert({ ...record, userAgent: record.userAgent.slice(0, 255) }),
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
    "replace stores what is unknown",
    "unknown ids: no session, nothing to replace, nothing to end",
    (store) => ({
      replace: async (record, expectedRevision) =>
        (await store.replace(record, expectedRevision)) ||
        (!(await store.find(record.id)) && store.insert(record)),
    }),
  ),
  defect("staleness is unknown", "staleness is a number of seconds, the same for both instances", () => ({
    staleness: Number.NaN,
  })),
  defect(
    "find brings somebody else",
    "the user that find brings, if any, is the session's user",
    (store) => ({
      async find(id) {
        const found = await store.find(id)
        const user = { id: "other", email: "", emailVerifiedAt: null, disabledAt: null, createdAt: 0 }
        return found && { ...found, user }
      },
    }),
  ),
  defect(
    "deleteByUser ends everybody's sessions",
    "deleteByUser ends all sessions of the user, answers their ids, and touches nobody else",
    (store) => {
      const ids = new Set<string>()
      return {
        async insert(record) {
          ids.add(record.id)
          return store.insert(record)
        },
        async deleteByUser(userId, exceptId) {
          const ended = await store.deleteByUser(userId, exceptId)
          for (const id of ids) if (id !== exceptId) await store.delete(id)
          return ended
        },
      }
    },
  ),
]
