import type { Clock, Stores } from "@mortise/core"
import {
  atomicStoreChecks,
  auditStoreChecks,
  type Bench,
  type Check,
  consentStoreChecks,
  credentialRealmChecks,
  credentialStoreChecks,
  newUser,
  sessionStoreChecks,
  sessionUserChecks,
  userRealmChecks,
  userStoreChecks,
} from "@mortise/core/testing"
import { afterAll, beforeAll, describe, test } from "vitest"
import { type HostedStores, migrate, type PostgresOptions, postgresStores } from "../src/index.js"
import { tamperingIn } from "./audit-tampering.js"
import { type Connection, dropSchema, freshSchema } from "./databases.js"

type Both = readonly [Connection, Connection]

/** The whole kit, with users of our own, on two connections and in a schema of its own. */
export function conformanceWithUsers(
  connections: Both,
  { except = [], ...ofRealm }: { except?: readonly string[]; usersOf?: string } = {},
): void {
  describe(`users: "mortise"${ofRealm.usersOf ? ` of ${ofRealm.usersOf}` : ""}`, () => {
    const run = runner(except)
    const options = { schema: freshSchema(), users: "mortise", ...ofRealm } as const
    inSchema(connections[0], options)

    const stores = bothStores(connections, (query, clock) => postgresStores(query, { ...options, clock }))
    const tamper = tamperingIn(connections[0], options.schema)
    const newUserId = async (): Promise<string> =>
      (await stores(Date.now).a.users.create(newUser()))?.id ?? ""

    run("users", userStoreChecks, (clock) => slot(stores(clock), "users"))
    run("credentials", credentialStoreChecks, (clock) => ({
      ...slot(stores(clock), "credentials"),
      newUserId,
    }))
    run("sessions", sessionStoreChecks, (clock) => ({ ...slot(stores(clock), "sessions"), newUserId }))
    run("sessions with their users", sessionUserChecks, (clock) => {
      const both = stores(clock)
      return { ...slot(both, "sessions"), users: both.a.users }
    })
    run("challenges", atomicStoreChecks, (clock) => slot(stores(clock), "challenges"))
    run("rate limits", atomicStoreChecks, (clock) => slot(stores(clock), "rateLimits"))
    run("audit", auditStoreChecks, (clock) => ({ ...slot(stores(clock), "audit"), tamper }))
    run("consents", consentStoreChecks, (clock) => ({ ...slot(stores(clock), "consents"), newUserId }))
  })
}

/** What is different, with users that the host keeps. */
export function conformanceWithoutUsers(connections: Both): void {
  describe('users: "host"', () => {
    const run = runner([])
    const options = { schema: freshSchema(), users: "host" } as const
    inSchema(connections[0], options)

    const stores = bothStores(connections, (query, clock) => postgresStores(query, { ...options, clock }))
    const newUserId = hostUserId

    run("credentials", credentialStoreChecks, (clock) => ({
      ...slot(stores(clock), "credentials"),
      newUserId,
    }))
    run("sessions", sessionStoreChecks, (clock) => ({ ...slot(stores(clock), "sessions"), newUserId }))
    run("consents", consentStoreChecks, (clock) => ({ ...slot(stores(clock), "consents"), newUserId }))
  })
}

/** What holds of a realm's own users beside another realm's, and beside those that all share, in the same tables. */
export function conformanceOfRealms(connections: Both): void {
  const run = runner([])

  describe("usersOf", () => {
    const options = { schema: freshSchema(), users: "mortise" } as const
    inSchema(connections[0], options)
    const storesOf = (realm: { usersOf?: string }): ((clock: Clock) => Bench<Stores>) =>
      bothStores(connections, (query, clock) => postgresStores(query, { ...options, ...realm, clock }))
    const one = storesOf({ usersOf: "store" })
    const creator = (stores: typeof one) => async (): Promise<string> =>
      (await stores(Date.now).a.users.create(newUser()))?.id ?? ""

    for (const [name, other] of [
      ["another realm's", storesOf({ usersOf: "admin" })],
      ["those that all share", storesOf({})],
    ] as const) {
      run(`users beside ${name}`, userRealmChecks, (clock) => ({
        ...slot(one(clock), "users"),
        other: slot(other(clock), "users"),
      }))
      run(`credentials beside ${name}`, credentialRealmChecks, (clock) => ({
        ...slot(one(clock), "credentials"),
        newUserId: creator(one),
        other: { ...slot(other(clock), "credentials"), newUserId: creator(other) },
      }))
    }
  })

  describe('usersOf, users: "host"', () => {
    const options = { schema: freshSchema(), users: "host" } as const
    inSchema(connections[0], options)
    const storesOf = (usersOf: string): ((clock: Clock) => Bench<HostedStores>) =>
      bothStores(connections, (query, clock) => postgresStores(query, { ...options, usersOf, clock }))
    const [one, other] = [storesOf("store"), storesOf("admin")]
    const newUserId = hostUserId

    run("credentials beside another realm's", credentialRealmChecks, (clock) => ({
      ...slot(one(clock), "credentials"),
      newUserId,
      other: { ...slot(other(clock), "credentials"), newUserId },
    }))
  })
}

async function hostUserId(): Promise<string> {
  return `host-user-${crypto.randomUUID()}`
}

function inSchema(connection: Connection, options: PostgresOptions & { readonly schema: string }): void {
  // PGlite starts here, which takes long on a busy machine.
  beforeAll(() => migrate(connection.query, options), 120_000)
  afterAll(() => dropSchema(connection, options.schema))
}

function bothStores<S>(
  [one, other]: Both,
  make: (query: Connection["query"], clock: Clock) => S,
): (clock: Clock) => Bench<S> {
  return (clock) => ({ a: make(one.query, clock), b: make(other.query, clock) })
}

function slot<S extends Partial<Stores>, Name extends keyof S>(
  { a, b }: Bench<S>,
  name: Name,
): Bench<S[Name]> {
  return { a: a[name], b: b[name] }
}

type Run = <B>(name: string, checks: readonly Check<B>[], open: (clock: Clock) => B) => void

function runner(except: readonly string[]): Run {
  return function run(name, checks, open) {
    describe(name, () => {
      for (const check of checks) {
        if (!except.includes(check.name)) test(check.name, () => check.run(open), 30_000)
      }
    })
  }
}
