import type { Clock } from "@mortise/core"
import type { Statement } from "./query.js"

/** Who keeps the users: this adapter's own table, or the host. */
export type UsersKept = "mortise" | "host"

/** Settings that stores, migrations and purge share. Give all three the same. */
export interface PostgresOptions {
  /** The schema of the tables: a lower-case identifier of at most 30 characters. Default `"mortise"`. */
  readonly schema?: string
  /** Tells when things expire; the server's clock decides nothing. Default: the machine's clock. */
  readonly clock?: Clock
  /**
   * `"mortise"` (default): a `users` table with foreign keys from credentials and sessions. `"host"`: the
   * host keeps its users elsewhere and brings its own `UserStore`; user ids are then plain text here.
   */
  readonly users?: UsersKept
}

/** {@link PostgresOptions} checked, with defaults filled in. */
export interface Settings {
  readonly schema: string
  readonly clock: Clock
  readonly users: UsersKept
}

// A name of PostgreSQL has 63 characters, and those of statements start with the schema.
const identifier = /^(?!pg_)[a-z_][a-z0-9_]{0,29}$/

/** As core takes them. */
const realmName = /^[a-z][a-z\d-]{0,31}$/

/** @throws RangeError for a schema that is no plain identifier: it becomes part of every statement's text. */
export function settingsOf(options: PostgresOptions): Settings {
  const { schema = "mortise", clock = Date.now, users = "mortise" } = options
  if (!identifier.test(schema)) {
    throw new RangeError(
      `schema: ${JSON.stringify(schema)} will not do. Write at most 30 lower-case letters, digits and ` +
        `underscores, not starting with a digit or "pg_".`,
    )
  }
  if (users !== "mortise" && users !== "host") {
    throw new RangeError(`users: ${JSON.stringify(users)} will not do. Write "mortise" or "host".`)
  }
  return { schema, clock, users }
}

/**
 * What the `realm` column of users and credentials holds: a realm's name, or "" for those that all share.
 * @throws RangeError for what can be no realm's name. An empty one, too: it would share what was to be apart.
 */
export function realmOf(usersOf: string | undefined): string {
  if (usersOf === undefined) return ""
  if (typeof usersOf === "string" && realmName.test(usersOf)) return usersOf
  throw new RangeError(
    `usersOf: ${JSON.stringify(usersOf)} will not do. Write a realm's name, such as "store", or leave it out.`,
  )
}

/** A table's name as it stands in a statement. Quoted, so that a schema named like a keyword works. */
export function tableIn(settings: Settings, table: string): string {
  return `"${settings.schema}".${table}`
}

/** A statement of this schema. Its name carries all that the text depends on: several share a connection. */
export function statementIn(settings: Settings, name: string, text: string): Statement {
  return { name: `${settings.schema}.${settings.users === "host" ? "host." : ""}${name}`, text }
}
