import type { EpochMs, SessionRecord } from "@mortise/core"
import { MalformedDataError } from "../malformed-data-error.js"
import { assertStorable, isCount, isObject, parseStored, storedRecord } from "../session-record.js"

/** A session as KV holds it, put together from its two values. */
export interface StoredSession {
  readonly record: SessionRecord
  /** When the user's index was known to hold it. */
  readonly listedAt: EpochMs
  /** Whether it is known that no revocation has missed it; see {@link kvSessions}. */
  readonly settled: boolean
  /** Hashes of the secrets that were rotated away last. */
  readonly retired: readonly string[]
}

/** More rotations than anybody makes while a change with an older view is under way. */
const retiredKept = 8

/** The texts under a session's two keys. */
export interface SessionTexts {
  readonly body: string
  /** Absent until the session was first renewed. */
  readonly seen: string | undefined
}

/** The body: who and by which secret. Written when a session opens and when it rotates. */
export function bodyText({ record, listedAt, settled, retired }: StoredSession): string {
  assertStorable(record)
  return JSON.stringify({ record, listedAt, settled, retired })
}

/** What a renewal changes, and nothing else. */
export function seenText({ record, settled }: StoredSession): string {
  assertStorable(record)
  const { revision, lastSeenAt, expiresAt } = record
  return JSON.stringify({ revision, lastSeenAt, expiresAt, settled })
}

/**
 * The session that these texts hold. A renewal counts when it is later than the body: one that was written
 * elsewhere, with an older view, can then neither undo a rotation nor shorten what a rotation gave.
 * @throws MalformedDataError if a text is not what was written here for this id
 */
export function storedSession(id: string, { body, seen }: SessionTexts): StoredSession {
  const parsed = parseStored(body)
  if (!isBody(parsed)) throw malformed()
  const { listedAt, settled, retired } = parsed
  const record = storedRecord(parsed.record, id)
  if (seen === undefined) return { record, listedAt, settled, retired }
  const renewal = parseStored(seen)
  if (!isRenewal(renewal)) throw malformed()
  return {
    record: renewed(record, renewal),
    listedAt,
    settled: settled || renewal.settled,
    retired,
  }
}

/**
 * What is stored becomes, with this record in its place; undefined if the record brings back a secret that was
 * rotated away. That can be although the revisions agree: two locations that do not see each other count alike.
 */
export function changed(stored: StoredSession, record: SessionRecord): StoredSession | undefined {
  const { retired } = stored
  const former = stored.record.secretHash
  if (record.secretHash === former) return { ...stored, record }
  if (retired.includes(record.secretHash)) return undefined
  return { ...stored, record, retired: [...retired, former].slice(-retiredKept) }
}

interface Body {
  readonly record: unknown
  readonly listedAt: EpochMs
  readonly settled: boolean
  readonly retired: readonly string[]
}

function isBody(value: unknown): value is Body {
  return (
    isObject(value) &&
    isCount(value.listedAt) &&
    typeof value.settled === "boolean" &&
    Array.isArray(value.retired) &&
    value.retired.every((hash) => typeof hash === "string")
  )
}

interface Renewal {
  readonly revision: number
  readonly lastSeenAt: EpochMs
  readonly expiresAt: EpochMs
  readonly settled: boolean
}

function renewed(record: SessionRecord, renewal: Renewal): SessionRecord {
  const revision = Math.max(record.revision, renewal.revision)
  const isLater =
    renewal.lastSeenAt > record.lastSeenAt ||
    (renewal.lastSeenAt === record.lastSeenAt && renewal.revision > record.revision)
  if (!isLater) return { ...record, revision }
  return { ...record, revision, lastSeenAt: renewal.lastSeenAt, expiresAt: renewal.expiresAt }
}

function isRenewal(value: unknown): value is Renewal {
  return (
    isObject(value) &&
    isCount(value.revision) &&
    isCount(value.lastSeenAt) &&
    isCount(value.expiresAt) &&
    typeof value.settled === "boolean"
  )
}

/** Whether `next` is `current` renewed, and nothing more: then its body need not be written. */
export function isRenewalOf(current: SessionRecord, next: SessionRecord): boolean {
  return bodyOf(current) === bodyOf(next)
}

function bodyOf(record: SessionRecord): string {
  return JSON.stringify({ ...record, revision: 0, lastSeenAt: 0, expiresAt: 0 })
}

function malformed(): MalformedDataError {
  return new MalformedDataError("What is stored as a session in KV is none.")
}
