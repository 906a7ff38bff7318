import { MalformedDataError } from "./malformed-data-error.js"

/** A bulk or status reply; nil reads as undefined. */
export function textReply(reply: unknown): string | undefined {
  if (typeof reply === "string") return reply
  if (reply === null) return undefined
  throw unexpected("a string or nil")
}

/** An integer reply. */
export function integerReply(reply: unknown): number {
  if (typeof reply === "number" && Number.isSafeInteger(reply)) return reply
  throw unexpected("an integer")
}

/** A script's 1 or 0 as yes or no. Anything else must not pass for either. */
export function yesNoReply(reply: unknown): boolean {
  if (reply === 1) return true
  if (reply === 0) return false
  throw unexpected("1 or 0")
}

/** The reply of SET without a condition. */
export function okReply(reply: unknown): void {
  if (reply !== "OK") throw unexpected("OK")
}

/** The reply of SET with a condition: OK if it was met and the value is written, nil if not. */
export function writtenReply(reply: unknown): boolean {
  if (reply === "OK") return true
  if (reply === null) return false
  throw unexpected("OK or nil")
}

/** An array of strings. */
export function textsReply(reply: unknown): readonly string[] {
  if (Array.isArray(reply) && reply.every((item) => typeof item === "string")) return reply
  throw unexpected("an array of strings")
}

function unexpected(expected: string): MalformedDataError {
  return new MalformedDataError(
    `Redis did not answer ${expected}. Hand on what the client answers, with strings as strings.`,
  )
}
