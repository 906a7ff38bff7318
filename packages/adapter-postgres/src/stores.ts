import type { Seconds, Stores } from "@mortise/core"
import { atomicStore } from "./atomic-store.js"
import { auditStore } from "./audit-store.js"
import { credentialStore } from "./credential-store.js"
import { withDeadline } from "./deadline.js"
import type { PostgresQuery } from "./query.js"
import { retryConflicts } from "./retry.js"
import { hostedSessionStore, sessionStore } from "./session-store.js"
import { type PostgresOptions, realmOf, settingsOf } from "./settings.js"
import { userStore } from "./user-store.js"

/** {@link PostgresOptions}, whose users, and how long a request waits. */
export interface StoreOptions extends PostgresOptions {
  /**
   * The realm whose users these are: `users` and `credentials` hold that realm's and reach no others, so that
   * one address, or one Google account, may belong to a user of each realm. Realms that name the same share
   * them. Default: the users that all realms share. The other slots are the same for every value.
   */
  readonly usersOf?: string
  /** Seconds after which a statement without an answer rejects, and the request gets 503. Default 5. */
  readonly timeout?: Seconds
}

/** All slots but `users`, which the host fills; these sessions fit its users of whatever shape. */
export type HostedStores = Omit<Stores<never>, "users">

/**
 * Every store that Mortise needs, on one PostgreSQL database. `migrate` makes the tables. Nothing is asked
 * of the database here, and nothing is kept in this process, so any number of processes may share the
 * database.
 *
 * Every method is one statement of its own (ending all sessions of a user: two), so `query` must not run
 * inside a transaction that stays open, and must reach the primary: a replica may not have seen a
 * revocation yet.
 *
 * With `users: "host"` there is no `users` slot, and no foreign key to one.
 *
 * The slots `users` and `credentials` belong together: take both from one call. A credential of one realm for
 * a user of another rejects.
 * @throws RangeError for a schema that is no plain identifier, a realm that is no name, or a timeout that is
 * no time
 */
export function postgresStores(
  query: PostgresQuery,
  options: StoreOptions & { readonly users: "host" },
): HostedStores
export function postgresStores(
  query: PostgresQuery,
  options?: StoreOptions & { readonly users?: "mortise" },
): Stores
export function postgresStores(query: PostgresQuery, options: StoreOptions = {}): Stores | HostedStores {
  const settings = settingsOf(options)
  const realm = realmOf(options.usersOf)
  const retrying = retryConflicts(withDeadline(query, options.timeout ?? 5))
  const common = {
    credentials: credentialStore(retrying, settings, realm),
    challenges: atomicStore(retrying, settings, "challenges"),
    rateLimits: atomicStore(retrying, settings, "rate_limits"),
    audit: auditStore(retrying, settings),
  }
  if (settings.users === "host") return { ...common, sessions: hostedSessionStore(retrying, settings) }
  return {
    ...common,
    users: userStore(retrying, settings, realm),
    sessions: sessionStore(retrying, settings),
  }
}
