import { randomText, sha256 } from "#primitives"
import type { EpochMs } from "../../clock.js"
import type { AuthEvent } from "../../events.js"
import type { AuditEntry, AuditMark, AuditRecord } from "../ports.js"

/** What of a record says whose it is, and can be taken back. */
interface Person {
  readonly userId: string | undefined
  readonly emailDigest: string | undefined
  readonly address: string
  readonly userAgent: string
}

/** A record as it lies in the log. Exactly one of `salt` and `personDigest` is there: the digest takes the salt's place for good. */
export interface ChainedRecord extends AuditMark, Person {
  readonly at: EpochMs
  readonly type: AuthEvent["type"]
  readonly realm: string
  /** The rest of the event as JSON: nobody who holds an answer can change the log. */
  readonly details: string
  readonly salt: string | undefined
  readonly personDigest: string | undefined
}

/** Before the first record. */
export const beginning: AuditMark = { number: 0, hash: "" }

/** The entry as the record after `previous`. */
export function chained({ at, event }: AuditEntry, previous: AuditMark): ChainedRecord {
  const { type, realm, at: _, address, userAgent, userId, emailDigest, ...details } = withPerson(event)
  const record = {
    number: previous.number + 1,
    at,
    type,
    realm,
    details: JSON.stringify(details),
    userId,
    emailDigest,
    address,
    userAgent,
    salt: randomText(22),
    personDigest: undefined,
  }
  return { ...record, hash: hashOf(record, previous) }
}

/**
 * SHA-256 over everything that says what happened, the digest of the person, and the hash before. As JSON, so that no two different
 * records have one text.
 */
export function hashOf(record: Omit<ChainedRecord, "hash">, previous: AuditMark): string {
  const { number, at, type, realm, details } = record
  return sha256(JSON.stringify([previous.hash, number, at, type, realm, details, digestOf(record)]))
}

/** Salted, because user ids and addresses can be guessed: whoever has only the digest must not be able to try them. */
function digestOf(record: Omit<ChainedRecord, "hash">): string {
  const { userId, emailDigest, address, userAgent, salt, personDigest } = record
  if (salt === undefined) return personDigest ?? ""
  return sha256(JSON.stringify([salt, userId ?? null, emailDigest ?? null, address, userAgent]))
}

/** The record with `pseudonym` in the place of the person; its hash still is the right one. */
export function pseudonymized(record: ChainedRecord, pseudonym: string): ChainedRecord {
  return {
    ...record,
    userId: record.userId === undefined ? undefined : pseudonym,
    emailDigest: record.emailDigest === undefined ? undefined : pseudonym,
    ...{ address: "", userAgent: "", salt: undefined, personDigest: digestOf(record) },
  }
}

/** Whose pseudonym the record holds, if it was {@link pseudonymized}; "" if it was, but by nobody who does it right. */
export function pseudonymOf(record: ChainedRecord): string | undefined {
  if (record.salt !== undefined) return undefined
  const { userId, emailDigest, address, userAgent } = record
  const isRight = address === "" && userAgent === "" && (userId ?? emailDigest) === (emailDigest ?? userId)
  return isRight ? (userId ?? emailDigest ?? "") : ""
}

/** The record as the port answers it. */
export function answered(record: ChainedRecord): AuditRecord {
  const { number, hash, at, type, realm, address, userAgent, userId, emailDigest, details } = record
  const event = {
    ...{ type, realm, at, address, userAgent },
    ...(userId === undefined ? {} : { userId }),
    ...(emailDigest === undefined ? {} : { emailDigest }),
    ...JSON.parse(details),
  }
  return { number, hash, at, event }
}

function withPerson(
  event: AuthEvent,
): AuthEvent & { readonly userId?: string; readonly emailDigest?: string } {
  return event
}
