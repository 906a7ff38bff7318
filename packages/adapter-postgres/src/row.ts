import type { Json } from "@mortise/core"
import type { Row } from "./query.js"

/** A text column. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === "string") return value
  throw unexpected(column, "text", value)
}

/** A number, also from a driver that is set to hand out numbers as text. */
export function numberOf(row: Row, column: string): number {
  const value = row[column]
  const number = typeof value === "string" && value !== "" ? Number(value) : value
  if (typeof number === "number" && !Number.isNaN(number)) return number
  throw unexpected(column, "a number", value)
}

/** A number or null. */
export function numberOrNullOf(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column)
}

/** A `jsonb` column that was selected as text. */
export function jsonOf(row: Row, column: string): Json {
  return JSON.parse(textOf(row, column))
}

// The value itself stays out of the message: it may be a hash.
function unexpected(column: string, wanted: string, value: unknown): TypeError {
  return new TypeError(
    `The driver gave column ${column} as ${value === null ? "null" : typeof value}, not as ${wanted}.`,
  )
}
