import type { Seconds, Stores } from "@mortise/core"
import { atomicStore } from "./atomic-store.js"
import { type AddressesKept, addressesKeptOf } from "./audit-addresses.js"
import { auditStore } from "./audit-store.js"
import { consentStore } from "./consent-store.js"
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
  readonly audit?: AuditOptions
}

/** What the audit log keeps of what it is told. */
export interface AuditOptions {
  /**
   * Of network addresses, as they are written: `"full"` (default), `"network"` (`192.0.2.0/24`, `2001:db8:1::/48`)
   * or `"none"`. What is there already stays; `purge` takes it out with `addressesBefore`.
   */
  readonly addresses?: AddressesKept
}

/** All slots but `users`, which the host fills; these sessions fit its users of whatever shape. */
export type HostedStores = Omit<Stores<never>, "users">

/**
 * Every store that Mortise needs, on one PostgreSQL database. `migrate` makes the tables. Nothing is asked
 * of the database here, and nothing is kept in this process, so any number of processes may share the
 * database.
 *
 * Every method is one statement of its own (ending all sessions of a user: two; verifying the log: one per 5,000
 * records), so `query` must not run
 * inside a transaction that stays open, and must reach the primary: a replica may not have seen a
 * revocation yet.
 *
 * With `users: "host"` there is no `users` slot, and no foreign key to one.
 *
 * The slots `users` and `credentials` belong together: take both from one call. A credential of one realm for
 * a user of another rejects.
 * @throws RangeError for a schema that is no plain identifier, a realm that is no name, a timeout that is no
 * time, or addresses to be kept in a way that there is not
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
    audit: auditStore(retrying, settings, addressesKeptOf(options.audit?.addresses)),
    consents: consentStore(retrying, settings),
  }
  if (settings.users === "host") return { ...common, sessions: hostedSessionStore(retrying, settings) }
  return {
    ...common,
    users: userStore(retrying, settings, realm),
    sessions: sessionStore(retrying, settings),
  }
}
