// Instants cross the wire as epoch milliseconds in a float8, in both directions: no driver's Date parsing
// or time zone has a say, and it is faster than both. The rounding makes the round trip exact to the
// millisecond, for every date that JavaScript has.

/** SQL for a parameter in epoch milliseconds, or null, as a `timestamptz`. Equal ones give equal instants. */
export function toInstant(parameter: `$${number}`): string {
  return `to_timestamp(${parameter}::float8 / 1000)`
}

/** SQL for a `timestamptz` column as epoch milliseconds, null staying null. */
export function toEpochMs(column: string): string {
  return `round(date_part('epoch', ${column}) * 1000)`
}
