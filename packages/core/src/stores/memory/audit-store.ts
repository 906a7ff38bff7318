import type { AuditMark, AuditQuery, AuditRecord, AuditStore, AuditVerdict } from "../ports.js"
import {
  answered,
  beginning,
  type ChainedRecord,
  chained,
  hashOf,
  pseudonymized,
  pseudonymOf,
} from "./audit-chain.js"

/** The bound of a {@link memoryAuditStore}. */
export interface MemoryAuditOptions {
  /** How many of the newest records it keeps, 10,000 unless told otherwise. */
  readonly maxEntries?: number
}

/**
 * The newest events in this process: for tests and demos. A log that must be kept belongs into a database:
 * this one forgets the oldest records beyond its limit, and all of them at a restart. What it forgot at the
 * front it takes for cut off rightly: `verify` goes on from there.
 */
export function memoryAuditStore(options: MemoryAuditOptions = {}): AuditStore {
  return auditStoreOver({ records: [], start: beginning, end: beginning }, options)
}

/** A log and its ends: what the first record follows, and the last record that there was. */
export interface MemoryAuditLog {
  records: ChainedRecord[]
  start: AuditMark
  end: AuditMark
}

/** The same over a log that the caller can reach, for tests that change it behind the store's back. */
export function auditStoreOver(
  log: MemoryAuditLog,
  { maxEntries = 10_000 }: MemoryAuditOptions = {},
): AuditStore {
  /** Why `since` is not in the log as it was remembered. */
  function faultOf({ number, hash }: AuditMark): AuditVerdict | undefined {
    const place = [log.start, ...log.records].find((record) => record.number === number)
    if (!place) return { ok: false, number, fault: "missing" }
    return place.hash === hash ? undefined : { ok: false, number, fault: "changed" }
  }

  /** The numbers of the last `user.erased` that name each pseudonym. */
  function erasures(): ReadonlyMap<string, number> {
    const erased = log.records.filter(({ type }) => type === "user.erased")
    return new Map(erased.map(({ number, details }) => [JSON.parse(details).pseudonym, number]))
  }

  function firstBroken(first: AuditMark): AuditVerdict | undefined {
    const erasedAt = erasures()
    let previous = first
    for (const record of log.records.filter(({ number }) => number > first.number)) {
      const number = previous.number + 1
      if (record.number !== number) return { ok: false, number, fault: "missing" }
      if (record.hash !== hashOf(record, previous)) return { ok: false, number, fault: "changed" }
      const pseudonym = pseudonymOf(record)
      if (pseudonym !== undefined && !((erasedAt.get(pseudonym) ?? 0) > number))
        return { ok: false, number, fault: "unaccounted" }
      previous = record
    }
    return previous.number < log.end.number
      ? { ok: false, number: previous.number + 1, fault: "missing" }
      : undefined
  }

  return {
    async append(entry) {
      const record = chained(entry, log.end)
      log.records.push(record)
      log.end = markOf(record)
      const forgotten = log.records.length > maxEntries ? log.records.shift() : undefined
      if (forgotten) log.start = markOf(forgotten)
    },

    async list(query) {
      const found: AuditRecord[] = []
      for (let index = log.records.length - 1; index >= 0 && found.length < query.limit; index -= 1) {
        const record = log.records[index]
        if (record && isWanted(record, query)) found.push(answered(record))
      }
      return found
    },

    async verify(since) {
      const first = since ?? log.start
      const broken = (since && faultOf(since)) ?? firstBroken(first)
      if (broken) return broken
      const last = log.end.number === 0 ? undefined : log.end
      return { ok: true, records: log.end.number - first.number, last }
    },

    async pseudonymize(userId, pseudonym, emailDigests = []) {
      let count = 0
      for (const [index, record] of log.records.entries()) {
        if (record.salt === undefined || !isOf(record, userId, emailDigests)) continue
        log.records[index] = pseudonymized(record, pseudonym)
        count += 1
      }
      return count
    },
  }
}

function isOf(record: ChainedRecord, userId: string, emailDigests: readonly string[]): boolean {
  if (record.userId !== undefined) return record.userId === userId
  return record.emailDigest !== undefined && emailDigests.includes(record.emailDigest)
}

function isWanted(record: ChainedRecord, { userId, types, from, until, before }: AuditQuery): boolean {
  return (
    (userId === undefined || record.userId === userId) &&
    (types === undefined || types.includes(record.type)) &&
    (from === undefined || record.at >= from) &&
    (until === undefined || record.at < until) &&
    (before === undefined || record.number < before)
  )
}

function markOf({ number, hash }: AuditMark): AuditMark {
  return { number, hash }
}
