import { memoryConsentStore } from "../../src/memory.js"
import type { ConsentRecord, ConsentStore } from "../../src/stores/ports.js"
import type { OwnedBench } from "../../src/testing.js"
import { type Defect, roundTrip } from "./broken-atomic.js"

function consentDefect(
  defect: string,
  caughtBy: string,
  broken: (store: ConsentStore) => Partial<ConsentStore>,
): Defect<OwnedBench<ConsentStore>> {
  function open(): OwnedBench<ConsentStore> {
    const store = memoryConsentStore()
    const both = { ...store, ...broken(store) }
    return { a: both, b: both, newUserId: async () => crypto.randomUUID() }
  }
  return { defect, caughtBy, open }
}

export const consentDefects: readonly Defect<OwnedBench<ConsentStore>>[] = [
  consentDefect(
    "shortens the purpose",
    "what is appended through one instance is read through the other, field by field, oldest first",
    (store) => ({ append: (record) => store.append({ ...record, purpose: record.purpose.slice(0, 63) }) }),
  ),
  consentDefect(
    "keeps the last answer of each purpose",
    "a later answer takes the place of no earlier one",
    (store) => ({
      async listByUser(userId) {
        const last = new Map((await store.listByUser(userId)).map((record) => [record.purpose, record]))
        return [...last.values()]
      },
    }),
  ),
  consentDefect(
    "one record per instant and answer",
    "a later answer takes the place of no earlier one",
    (store) => ({
      async append(record) {
        const kept = await store.listByUser(record.userId)
        if (!kept.some(({ at, given }) => at === record.at && given === record.given))
          await store.append(record)
      },
    }),
  ),
  consentDefect(
    "lists newest first",
    "the order is by instant, within one as they were written",
    (store) => ({ listByUser: async (userId) => [...(await store.listByUser(userId))].reverse() }),
  ),
  consentDefect("folds the user's id", "users are kept apart; of nobody there is nothing", (store) => ({
    listByUser: (userId) => store.listByUser(userId.toLowerCase().trim()),
  })),
  consentDefect(
    "deleteByUser removes everybody's",
    "deleteByUser removes the user's and no other, and counts them",
    () => {
      let kept: readonly ConsentRecord[] = []
      return {
        async append(record) {
          kept = [...kept, record]
        },
        listByUser: async (userId) => kept.filter((record) => record.userId === userId),
        async deleteByUser(userId) {
          const { length } = kept.filter((record) => record.userId === userId)
          kept = []
          return length
        },
      }
    },
  ),
  consentDefect(
    "reads the history and writes it back",
    "nothing is lost or doubled among N parallel callers",
    (store) => ({
      async append(record) {
        const kept = await store.listByUser(record.userId)
        await roundTrip()
        await store.deleteByUser(record.userId)
        for (const each of [...kept, record]) await store.append(each)
      },
    }),
  ),
  consentDefect(
    "counts, then removes",
    "deleteByUser: of N parallel callers each record is counted by one",
    (store) => ({
      async deleteByUser(userId) {
        const { length } = await store.listByUser(userId)
        await roundTrip()
        await store.deleteByUser(userId)
        return length
      },
    }),
  ),
  consentDefect(
    "keeps the objects it is given",
    "what was handed in or out can be changed without changing the store",
    () => {
      const kept: ConsentRecord[] = []
      return {
        async append(record) {
          kept.push(record)
        },
        listByUser: async () => kept,
      }
    },
  ),
]
