import type { AuditEntry, AuditMark, AuditRecord, AuditStore } from "../../stores/ports.js"
import type { Bench } from "../check.js"

/** Two instances on one log that nobody else writes to meanwhile, and a way around them. */
export interface AuditBench extends Bench<AuditStore> {
  readonly tamper: AuditTampering
}

/** What of a record somebody may change behind the store's back. `details` is whatever else the event says. */
export type TamperedField =
  | "at"
  | "type"
  | "realm"
  | "userId"
  | "emailDigest"
  | "address"
  | "userAgent"
  | "details"
  | "hash"

/** Puts the log back as it was, wholly: what was appended since is gone too. */
export type Undo = () => Promise<void>

/**
 * What somebody does who has the database's password, and no more sense of the log than what lies there: they do not compute the hashes
 * behind it anew. Each step answers what undoes it.
 */
export interface AuditTampering {
  /** Puts another value into one field of the record. The record holds one already. */
  change(number: number, field: TamperedField): Promise<Undo>
  /** Takes the record out. What the store knows of the log's ends stays. */
  remove(number: number): Promise<Undo>
  /** Does to one record what `pseudonymize` does, without any event. */
  pretendErasure(number: number, pseudonym: string): Promise<Undo>
  /** Takes out this record and all behind it, and lets the store take the one before for the last that there ever was. */
  cutEnd(number: number): Promise<Undo>
  /** Takes out this record and all before it, and lets the store take them for cut off rightly. */
  cutFront(number: number): Promise<Undo>
}

/** What was appended, of what is listed. */
export function entryOf({ at, event }: AuditRecord): AuditEntry {
  return { at, event }
}

/** The mark of a record. */
export function markOf({ number, hash }: AuditRecord): AuditMark {
  return { number, hash }
}
