import type { AuditEntry, AuditRecord, AuditStore } from "../../src/stores/ports.js"
import type { AuditBench } from "../../src/testing.js"
import { type Defect, roundTrip } from "./broken-atomic.js"
import { memoryAuditBench } from "./memory-tampering.js"

function auditDefect(
  defect: string,
  caughtBy: string,
  broken: (store: AuditStore) => Partial<AuditStore>,
): Defect<AuditBench> {
  return { defect, caughtBy, open: () => memoryAuditBench(broken) }
}

const everything = { limit: 100_000 }

/** What somebody would write who keeps a list and no chain. */
function unchained(entries: readonly AuditEntry[]): readonly AuditRecord[] {
  return entries.map((entry, index) => ({ ...entry, number: entries.length - index, hash: "x".repeat(43) }))
}

const recordDefects: readonly Defect<AuditBench>[] = [
  auditDefect(
    "drops the cause",
    "an event appended through one instance is read through the other, field by field",
    (store) => ({
      async append({ at, event }) {
        const { cause, ...rest } = { cause: undefined, ...event }
        await store.append({ at, event: rest as AuditEntry["event"] })
      },
    }),
  ),
  auditDefect(
    "ignores the user",
    "list with a user brings only the events that name the user; without, all",
    (store) => ({ list: ({ limit }) => store.list({ limit }) }),
  ),
  auditDefect(
    "leaves out events without a user",
    "list with a user brings only the events that name the user; without, all",
    (store) => ({
      async append(entry) {
        if ("userId" in entry.event) await store.append(entry)
      },
    }),
  ),
  auditDefect("lists oldest first", "list is newest first, at most `limit`", (store) => ({
    list: async (query) => [...(await store.list(query))].reverse(),
  })),
  auditDefect("answers more than the limit", "list is newest first, at most `limit`", (store) => ({
    list: async ({ limit, ...query }) =>
      (await store.list({ ...query, limit: 500 })).slice(0, Math.max(limit, 4)),
  })),
  auditDefect(
    "sorts by what the clocks say",
    "the order is the one in which they were appended, whatever their instants say",
    (store) => ({
      list: async (query) => [...(await store.list(query))].sort((one, other) => other.at - one.at),
    }),
  ),
  auditDefect(
    "keeps the objects it is given",
    "what was handed in or out can be changed without changing the store",
    () => {
      const log: AuditEntry[] = []
      return {
        async append(entry) {
          log.unshift(entry)
        },
        list: async ({ limit }) => unchained(log).slice(0, limit),
      }
    },
  ),
]

const byParts = "list by types, from and until brings what fits all of them, bounds as they are said"

const queryDefects: readonly Defect<AuditBench>[] = [
  auditDefect("ignores the types", byParts, (store) => ({
    list: ({ types: _, ...query }) => store.list(query),
  })),
  auditDefect("takes an empty list of types for none given", byParts, (store) => ({
    list: ({ types, ...query }) => store.list(types?.length ? { ...query, types } : query),
  })),
  auditDefect("from leaves its own instant out", byParts, (store) => ({
    list: ({ from, ...query }) => store.list(from === undefined ? query : { ...query, from: from + 1 }),
  })),
  auditDefect("until includes its own instant", byParts, (store) => ({
    list: ({ until, ...query }) => store.list(until === undefined ? query : { ...query, until: until + 1 }),
  })),
  auditDefect("ignores the user beside types", byParts, (store) => ({
    list: ({ userId, ...query }) => store.list(query.types ? query : { ...query, userId }),
  })),
  auditDefect(
    "pages begin with the last record again",
    "`before` leads from page to page, each record once",
    (store) => ({
      list: ({ before, ...query }) =>
        store.list(before === undefined ? query : { ...query, before: before + 1 }),
    }),
  ),
  auditDefect("pages by time", "`before` leads from page to page, each record once", (store) => ({
    async list({ before, ...query }) {
      const last = (await store.list(everything)).find(({ number }) => number === before)
      return store.list(last ? { ...query, until: last.at } : query)
    },
  })),
]

const ofParallel =
  "of N parallel callers each gets a number of its own, without gaps, nothing is lost or doubled, and the log verifies"
const ofChanged = "a record that was changed is found and named, whatever of it"
const ofRemoved = "a record that was taken out is found and named, wherever it was"
const ofFront = "a mark finds what was cut off at the front; without, the log goes on from its start"
const ofEnd = "a mark finds what was cut off at the end, or put in its place"

/** A `verify` that passes over what is wrong in one way. */
function blindTo(fault: "changed" | "missing" | "unaccounted"): (store: AuditStore) => Partial<AuditStore> {
  return (store) => ({
    async verify(since) {
      const verdict = await store.verify(since)
      if (verdict.ok || verdict.fault !== fault) return verdict
      const [last] = await store.list({ limit: 1 })
      return { ok: true, records: last?.number ?? 0, last: last && { number: last.number, hash: last.hash } }
    },
  })
}

const chainDefects: readonly Defect<AuditBench>[] = [
  auditDefect("reads the log and writes it back", ofParallel, () => {
    let log: readonly AuditEntry[] = []
    return {
      async append(entry) {
        const read = log
        await roundTrip()
        log = [entry, ...read]
      },
      list: async ({ limit }) => unchained(log).slice(0, limit),
    }
  }),
  auditDefect("leaves numbers out", ofParallel, (store) => ({
    list: async (query) =>
      (await store.list(query)).map((record) => ({ ...record, number: record.number * 2 })),
  })),
  auditDefect(
    "counts the whole log whatever the mark",
    "verify answers the last record; from a mark on, how many came behind it",
    (store) => ({
      async verify(since) {
        const [verdict, whole] = [await store.verify(since), await store.verify()]
        return verdict.ok && whole.ok ? { ...verdict, records: whole.records } : verdict
      },
    }),
  ),
  auditDefect("looks at numbers alone", ofChanged, blindTo("changed")),
  auditDefect(
    "names the last that is broken",
    "of several that were changed the first is named",
    (store) => ({
      async verify(since) {
        const verdict = await store.verify(since)
        return verdict.ok ? verdict : { ...verdict, number: verdict.number + 2 }
      },
    }),
  ),
  auditDefect("takes a gap for a beginning", ofRemoved, blindTo("missing")),
  auditDefect("does not know where the log ended", ofRemoved, (store) => ({
    async verify(since) {
      const verdict = await store.verify(since)
      const [last] = await store.list({ limit: 1 })
      const isEnd = !verdict.ok && verdict.number === (last?.number ?? 0) + 1
      return isEnd ? { ok: true, records: 0, last } : verdict
    },
  })),
  auditDefect("ignores the mark", ofEnd, (store) => ({ verify: () => store.verify() })),
  auditDefect("looks for the mark's number alone", ofEnd, (store) => ({
    async verify(since) {
      const kept = (await store.list(everything)).find(({ number }) => number === since?.number)
      return store.verify(kept && { number: kept.number, hash: kept.hash })
    },
  })),
  auditDefect("begins where the log begins when the mark is gone", ofFront, (store) => ({
    async verify(since) {
      const all = await store.list(everything)
      return store.verify(since && since.number < (all.at(-1)?.number ?? 0) - 1 ? undefined : since)
    },
  })),
]

const ofNothingLeft = "pseudonymize leaves nothing of the user, and everything of what happened"
const ofUnaccounted = "a record that was pseudonymized without a later user.erased is unaccounted"

const erasureDefects: readonly Defect<AuditBench>[] = [
  auditDefect("forgets what the e-mail's digest names", ofNothingLeft, (store) => ({
    pseudonymize: (userId, pseudonym) => store.pseudonymize(userId, pseudonym),
  })),
  auditDefect("keeps the user agent", ofNothingLeft, (store) => {
    const agents = new Map<number, string>()
    return {
      async pseudonymize(...erasure) {
        for (const { number, event } of await store.list(everything)) agents.set(number, event.userAgent)
        return store.pseudonymize(...erasure)
      },
      list: async (query) =>
        (await store.list(query)).map((record) => ({
          ...record,
          event: { ...record.event, userAgent: agents.get(record.number) ?? record.event.userAgent },
        })),
    }
  }),
  auditDefect("counts what was pseudonymized before", ofNothingLeft, (store) => ({
    async pseudonymize(userId, pseudonym, digests) {
      await store.pseudonymize(userId, pseudonym, digests)
      return (await store.list({ userId: pseudonym, limit: 100 })).length + 1
    },
  })),
  auditDefect(
    "answers before it has done anything",
    "pseudonymize against parallel appends: the log verifies, and nothing of before is left",
    () => ({ pseudonymize: async () => 0 }),
  ),
  auditDefect("takes every pseudonym for an erasure", ofUnaccounted, blindTo("unaccounted")),
  auditDefect("takes an earlier erasure for one", ofUnaccounted, (store) => ({
    async verify(since) {
      const verdict = await store.verify(since)
      if (verdict.ok || verdict.fault !== "unaccounted") return verdict
      const all = await store.list(everything)
      const erased = all.map(({ event }) => (event.type === "user.erased" ? event.pseudonym : undefined))
      const broken = all.find(({ number }) => number === verdict.number)
      const isNamed = erased.includes(String(broken && Reflect.get(broken.event, "userId")))
      return isNamed ? { ok: true, records: all.length, last: all[0] } : verdict
    },
  })),
  auditDefect(
    "passes over what was pseudonymized",
    "an erasure hides no change of what happened",
    blindTo("changed"),
  ),
]

export const auditDefects: readonly Defect<AuditBench>[] = [
  ...recordDefects,
  ...queryDefects,
  ...chainDefects,
  ...erasureDefects,
]
