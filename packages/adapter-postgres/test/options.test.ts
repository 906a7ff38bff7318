import type { SessionStore, Stores, User, UserStore } from "@mortise/core"
import { expect, expectTypeOf, test } from "vitest"
import { type HostedStores, type PostgresOptions, postgresStores } from "../src/index.js"

const query = async (): Promise<{ rows: [] }> => ({ rows: [] })

test("there is a users slot only where the adapter keeps the users", () => {
  const stores = postgresStores(query)
  const hosted = postgresStores(query, { users: "host" })
  expectTypeOf(stores).toEqualTypeOf<Stores>()
  expectTypeOf(hosted).toEqualTypeOf<HostedStores>()
  expect(Object.keys(stores).sort()).toEqual([
    "audit",
    "challenges",
    "consents",
    "credentials",
    "rateLimits",
    "sessions",
    "users",
  ])
  expect(Object.keys(hosted).sort()).toEqual([
    "audit",
    "challenges",
    "consents",
    "credentials",
    "rateLimits",
    "sessions",
  ])
  // @ts-expect-error no such slot
  expect(hosted.users).toBeUndefined()
})

test("sessions without users fit users of any shape; those with users only what the table holds", () => {
  interface Member extends User {
    readonly name: string
  }
  const users: UserStore<Member> = Object.create(null)
  expectTypeOf({ ...postgresStores(query, { users: "host" }), users }).toExtend<Stores<Member>>()
  expectTypeOf<Stores["sessions"]>().not.toExtend<SessionStore<Member>>()
})

test("options that are only known at run time choose no overload", () => {
  const options: PostgresOptions = {}
  // @ts-expect-error `users` may be either
  expect(Object.keys(postgresStores(query, options))).toContain("users")
  // @ts-expect-error no such setting
  expect(() => postgresStores(query, { users: "both" })).toThrow(RangeError)
})

test.each(["", "Store", "1st", "a b", "store;", "x".repeat(33), "störe", null, 7])(
  "usersOf: %j is no realm's name",
  (usersOf) => {
    // @ts-expect-error may be of another type
    expect(() => postgresStores(query, { usersOf })).toThrow(RangeError)
  },
)
