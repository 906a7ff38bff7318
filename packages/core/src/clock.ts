/** An instant: milliseconds since 1970-01-01T00:00:00Z, as `Date.now()` gives it. Names of instants end in `At`. */
export type EpochMs = number

/** A length of time in seconds. */
export type Seconds = number

/** Tells the time. Passed in wherever time matters, so that tests can stand at the edge of an expiry. */
export type Clock = () => EpochMs

/** The machine's clock. Two servers should agree within a second or so (NTP); nothing here needs them to agree exactly. */
export const systemClock: Clock = () => Date.now()
