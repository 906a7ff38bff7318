import { beginning, type ChainedRecord, pseudonymized } from "../../src/stores/memory/audit-chain.js"
import { auditStoreOver, type MemoryAuditLog } from "../../src/stores/memory/audit-store.js"
import type { AuditMark, AuditStore } from "../../src/stores/ports.js"
import type { AuditBench, AuditTampering, TamperedField, Undo } from "../../src/testing.js"

/** A store in memory, or what `broken` makes of it, and a way into its log. */
export function memoryAuditBench(
  broken: (store: AuditStore) => Partial<AuditStore> = () => ({}),
): AuditBench {
  const log: MemoryAuditLog = { records: [], start: beginning, end: beginning }
  const store = auditStoreOver(log)
  const both = { ...store, ...broken(store) }
  return { a: both, b: both, tamper: tamperingWith(log) }
}

const changed: Readonly<Record<TamperedField, Partial<ChainedRecord>>> = {
  at: { at: 1 },
  type: { type: "password.changed" },
  realm: { realm: "other" },
  userId: { userId: "somebody-else" },
  emailDigest: { emailDigest: "X".repeat(43) },
  address: { address: "198.51.100.9" },
  userAgent: { userAgent: "another" },
  details: { details: '{"flow":"oauth"}' },
  hash: { hash: "x".repeat(43) },
}

function tamperingWith(log: MemoryAuditLog): AuditTampering {
  function done(change: (records: readonly ChainedRecord[]) => void): Undo {
    const [records, start, end] = [[...log.records], log.start, log.end]
    change(records)
    return async () => {
      Object.assign(log, { records, start, end })
    }
  }

  function replaced(number: number, replace: (record: ChainedRecord) => ChainedRecord): Undo {
    return done((records) => {
      log.records = records.map((record) => (record.number === number ? replace(record) : record))
    })
  }

  return {
    change: async (number, field) => replaced(number, (record) => ({ ...record, ...changed[field] })),
    pretendErasure: async (number, pseudonym) =>
      replaced(number, (record) => pseudonymized(record, pseudonym)),
    remove: async (number) =>
      done((records) => {
        log.records = records.filter((record) => record.number !== number)
      }),
    cutEnd: async (number) =>
      done((records) => {
        log.records = records.filter((record) => record.number < number)
        log.end = markOf(log.records.at(-1) ?? log.start)
      }),
    cutFront: async (number) =>
      done((records) => {
        log.records = records.filter((record) => record.number > number)
        log.start = markOf(records.find((record) => record.number === number) ?? log.start)
      }),
  }
}

function markOf({ number, hash }: AuditMark): AuditMark {
  return { number, hash }
}
