import type { EpochMs, SessionRecord } from "@mortise/core"
import { MalformedDataError } from "./malformed-data-error.js"

/** When a session is over by itself, whichever limit comes first. */
export function endOf(record: SessionRecord): EpochMs {
  return Math.min(record.expiresAt, record.absoluteExpiresAt)
}

/**
 * Refuses a record that could not be read back.
 * @throws TypeError if a field is missing or not of its type
 */
export function assertStorable(record: SessionRecord): void {
  if (isSessionRecord(record)) return
  throw new TypeError("This session record lacks a field, or one is not of its type; instants are whole.")
}

/**
 * The session with this id, as it was stored.
 * @throws MalformedDataError for anything else. A session that cannot be read in full is a fault, never an
 *   anonymous visitor and never a session with holes.
 */
export function storedRecord(value: unknown, id: string): SessionRecord {
  if (isSessionRecord(value) && value.id === id) return value
  throw new MalformedDataError("What is stored as a session is none, or another one.")
}

/** JSON as it was written here. @throws MalformedDataError, without the text that the parser's own error quotes */
export function parseStored(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedDataError("What is stored is no JSON.")
  }
}

/** An object of any kind, whose fields are still to be looked at. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}

/** Instants and counters alike. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
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
