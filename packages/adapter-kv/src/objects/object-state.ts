import type { EpochMs } from "@mortise/core"

/** What a table holds and a query takes. */
export type SqlValue = string | number | null

/** The SQLite database of a Durable Object: each statement is run before `exec` returns. */
export interface ObjectSql {
  /** Runs a statement. */
  exec(query: string, ...bindings: SqlValue[]): SqlRows
}

/** What a statement brought. */
export interface SqlRows {
  /** All rows, each by the names of its columns. */
  toArray(): Record<string, unknown>[]
}

/** All that is needed of a Durable Object's state. */
export interface ObjectState {
  readonly storage: {
    readonly sql: ObjectSql
    /** Calls `alarm()` at this instant, instead of at any earlier set one. */
    setAlarm(at: EpochMs): Promise<void>
  }
}
