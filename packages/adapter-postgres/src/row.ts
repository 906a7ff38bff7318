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

/** A text column that holds a JSON object, whose fields are then read like a row's columns. */
export function objectOf(row: Row, column: string): Row {
  const value: unknown = JSON.parse(textOf(row, column))
  if (isObject(value)) return value
  throw unexpected(column, "a JSON object", value)
}

/** Whether a parsed JSON value is an object. */
export function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** An error that names the column but not its value: that may be a hash. */
export function unexpected(column: string, wanted: string, value: unknown): TypeError {
  return new TypeError(
    `The driver gave column ${column} as ${value === null ? "null" : typeof value}, not as ${wanted}.`,
  )
}
