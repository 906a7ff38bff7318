import { packWholes, wholeAt } from "../memory/session-codec.js"
import type { User } from "../ports.js"

// The first character says how the rest is to be read.
const plain = "p"
const asJson = "j"
const numberWidth = 6
const emailAt = 1 + 3 * numberWidth
/** Stands for null where an instant does; the latest that a store takes is one less. */
const none = 2 ** 48 - 1

/**
 * A session's user as text; "" for none. One with the library's own five fields takes 19 characters and the address, any other
 * is JSON: 100,000 of them are 10 MB less, and reading one takes a third of the time.
 * @throws TypeError for a user with a field that JSON does not carry, which would come back as something else
 */
export function packUser(user: User | undefined, userId: string): string {
  if (user === undefined) return ""
  const { createdAt, disabledAt, email, emailVerifiedAt } = user
  if (Object.keys(user).length === 5 && user.id === userId && typeof email === "string") {
    const instants = [emailVerifiedAt ?? none, disabledAt ?? none, createdAt]
    if (instants.every(isInstant)) return plain + packWholes(instants) + email
  }
  requireJson(user, "user")
  return asJson + JSON.stringify(user)
}

/** The user whose text stands in `packed` from `from` to `end`: a new object each time. */
export function unpackUser(packed: string, from: number, end: number, userId: string): User | undefined {
  if (from === end) return undefined
  if (packed[from] === asJson) return JSON.parse(packed.slice(from + 1, end))
  return {
    id: userId,
    email: packed.slice(from + emailAt, end),
    emailVerifiedAt: instantAt(packed, from + 1),
    disabledAt: instantAt(packed, from + 1 + numberWidth),
    createdAt: wholeAt(packed, from + 1 + 2 * numberWidth),
  }
}

function isInstant(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= none
}

function instantAt(packed: string, at: number): number | null {
  const instant = wholeAt(packed, at)
  return instant === none ? null : instant
}

function requireJson(value: unknown, path: string): void {
  if (value === null || value === undefined) return
  if (typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return
  if (typeof value !== "object" || !isPlain(value)) {
    throw new TypeError(
      `tiered: ${path} is ${kindOf(value)}, which JSON does not carry. Answer users of plain values from the truth: an instant as a number.`,
    )
  }
  for (const [name, inner] of Object.entries(value)) requireJson(inner, `${path}.${name}`)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
}

/** Never the value itself: this is read in logs. */
function kindOf(value: unknown): string {
  return typeof value === "object" && value !== null ? `a ${value.constructor.name}` : `a ${typeof value}`
}
