import type { EpochMs } from "../../clock.js"
import type { FoundSession, SessionRecord, User } from "../ports.js"

/** What the truth said of a session, and when it was asked. */
export interface Copy<U extends User> extends FoundSession<U> {
  /** From before the truth was asked: what it says may be older than its arrival, never newer. */
  readonly confirmedAt: EpochMs
}

/** Longer ones stay out of Redis: a value may have 64 KiB there, and a character may take three bytes. */
const longest = 16_000

/** A copy as Redis has it; undefined for one that is too long. */
export function copyText<U extends User>({ confirmedAt, record, user }: Copy<U>): string | undefined {
  const text = JSON.stringify({ confirmedAt, record, user })
  return text.length > longest ? undefined : text
}

/** The copy that this text holds of this session; undefined for anything else, which is then no copy and costs one question to the truth. */
export function parsedCopy<U extends User>(text: string, id: string): Copy<U> | undefined {
  const copy = parsed(text)
  if (!isObject(copy) || !isCount(copy["confirmedAt"]) || !isRecord(copy["record"])) return undefined
  const { confirmedAt, record, user } = copy
  if (record.id !== id || !(user === undefined || (isObject(user) && typeof user["id"] === "string")))
    return undefined
  return { confirmedAt, record, user: user as U | undefined }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const texts = ["id", "realm", "userId", "secretHash", "address", "userAgent"]
const counts = [
  ...["epoch", "revision", "createdAt", "authenticatedAt"],
  ...["lastSeenAt", "expiresAt", "absoluteExpiresAt"],
]

function isRecord(value: unknown): value is SessionRecord {
  if (!isObject(value)) return false
  const { claims, methods } = value
  return (
    texts.every((name) => typeof value[name] === "string") &&
    counts.every((name) => isCount(value[name])) &&
    Array.isArray(methods) &&
    methods.every((method) => typeof method === "string") &&
    isObject(claims) &&
    !Array.isArray(claims)
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}

/** Instants and counters alike. */
function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}
