import type { EpochMs, SessionRecord } from "@mortise/core"
import { MalformedDataError } from "./malformed-data-error.js"

/**
 * What stands at a session's key while a session is being inserted: the key is taken, and there is no session
 * yet. See session-store.ts for why.
 */
export const pendingSession = "pending"

/** When a session is over by itself, whichever limit comes first. */
export function endOf(record: SessionRecord): EpochMs {
  return Math.min(record.expiresAt, record.absoluteExpiresAt)
}

/**
 * A session as text: `<revision>:<end>:<its fields as a JSON array>`. The head lets a script compare the
 * revision and the end without reading JSON. Without the names of the fields there is less to send and to read.
 * @throws TypeError if the record could not be read back, since a field is missing or not of its type
 */
export function encodeSession(record: SessionRecord): string {
  if (!isSessionRecord(record)) {
    throw new TypeError("This session record lacks a field, or one is not of its type; instants are whole.")
  }
  return headOf(record) + JSON.stringify(fieldsOf(record))
}

/**
 * The session that this text holds, whether it has expired or not; undefined for one that is still being
 * inserted.
 * @throws MalformedDataError if it is anything but what {@link encodeSession} wrote for this id. A session
 *   that cannot be read in full is a fault, never an anonymous visitor and never a session with holes.
 */
export function decodeSession(text: string, id: string): SessionRecord | undefined {
  if (text === pendingSession) return undefined
  const fields = parseJson(text.slice(text.indexOf("[")))
  if (!Array.isArray(fields) || fields.length !== fieldCount) throw malformed()
  const record = recordOf(fields)
  if (!isSessionRecord(record)) throw malformed()
  if (record.id !== id || !text.startsWith(`${headOf(record)}[`)) throw malformed()
  return record
}

const fieldCount = 15

function fieldsOf(record: SessionRecord): readonly unknown[] {
  return [
    record.id,
    record.realm,
    record.userId,
    record.secretHash,
    record.epoch,
    record.revision,
    record.createdAt,
    record.authenticatedAt,
    record.lastSeenAt,
    record.expiresAt,
    record.absoluteExpiresAt,
    record.methods,
    record.claims,
    record.address,
    record.userAgent,
  ]
}

function recordOf(fields: readonly unknown[]): { readonly [Field in keyof SessionRecord]: unknown } {
  return {
    id: fields[0],
    realm: fields[1],
    userId: fields[2],
    secretHash: fields[3],
    epoch: fields[4],
    revision: fields[5],
    createdAt: fields[6],
    authenticatedAt: fields[7],
    lastSeenAt: fields[8],
    expiresAt: fields[9],
    absoluteExpiresAt: fields[10],
    methods: fields[11],
    claims: fields[12],
    address: fields[13],
    userAgent: fields[14],
  }
}

function headOf(record: SessionRecord): string {
  return `${record.revision}:${endOf(record)}:`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own error quotes the text, which is nobody's business.
    throw malformed()
  }
}

function malformed(): MalformedDataError {
  return new MalformedDataError("A session in Redis is not of the form <revision>:<end>:<fields as JSON>.")
}

/** All fields, each of its type: spelled out, since this runs on every authenticated request. */
function isSessionRecord(value: unknown): value is SessionRecord {
  if (!isObject(value)) return false
  return (
    typeof value.id === "string" &&
    typeof value.realm === "string" &&
    typeof value.userId === "string" &&
    typeof value.secretHash === "string" &&
    isCount(value.epoch) &&
    isCount(value.revision) &&
    isCount(value.createdAt) &&
    isCount(value.authenticatedAt) &&
    isCount(value.lastSeenAt) &&
    isCount(value.expiresAt) &&
    isCount(value.absoluteExpiresAt) &&
    Array.isArray(value.methods) &&
    value.methods.every((method) => typeof method === "string") &&
    isObject(value.claims) &&
    !Array.isArray(value.claims) &&
    typeof value.address === "string" &&
    typeof value.userAgent === "string"
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}

/** Instants and counters alike. */
function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}
