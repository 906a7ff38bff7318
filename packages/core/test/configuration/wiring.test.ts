/** Must not compile: each `@ts-expect-error` fails the type check if the line under it is accepted. Vitest runs the rest. */
import { describe, expect, expectTypeOf, test } from "vitest"
import { createAuth, opaque, type SessionStore, type User, type UserStore } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"

const { users, credentials, sessions, rateLimits } = memoryStores()
const flows = { password: password({ hasher: testHasher() }) }
const basics = { origin, secret, sessions: opaque() }

/** What Workers KV could offer: no atomic step. */
const keyValue = {
  get: async (_key: string): Promise<string | undefined> => undefined,
  set: async (_key: string, _value: string, _expiresAt: number): Promise<void> => {},
  delete: async (_key: string): Promise<void> => {},
}

interface Member extends User {
  readonly name: string
  readonly sponsor: boolean
}

describe("what does not fit does not compile", () => {
  test("a missing slot", () => {
    // @ts-expect-error rateLimits is missing
    expect(() => createAuth({ ...basics, flows, stores: { users, credentials, sessions } })).toThrow(
      /rateLimits/,
    )
    // @ts-expect-error sessions is missing
    expect(() => createAuth({ ...basics, flows: {}, stores: {} })).toThrow(/sessions/)
  })

  test("a store without atomic steps where single use is needed", () => {
    const stores = { users, credentials, sessions, rateLimits: keyValue }
    // @ts-expect-error keyValue has no increment, swap, add, take
    expect(() => createAuth({ ...basics, flows, stores })).toThrow(/atomic/)
  })

  test("a store in the wrong slot", () => {
    // @ts-expect-error users are no sessions
    expect(() => createAuth({ ...basics, flows: {}, stores: { sessions: users } })).toThrow(
      /stores\.sessions has no/,
    )
  })

  test("sessions that bring users of another shape than the users slot", () => {
    const members = users as unknown as UserStore<Member>
    const joined = sessions as unknown as SessionStore<User>
    const stores = { users: members, credentials, sessions: joined, rateLimits }
    // @ts-expect-error claims would be given a User where it was promised a Member
    expect(createAuth({ ...basics, flows, stores }).realm).toBe("default")
  })

  test("an option that does not exist, or is of the wrong kind", () => {
    // @ts-expect-error idle is a duration
    expect(() => opaque({ idle: "tomorrow" })).toThrow(/"30s"/)
    // @ts-expect-error a policy is no number
    expect(() => password({ hasher: testHasher(), policy: { minLength: "15" } })).toThrow()
  })

  test("reaching what an outcome grants before looking whether it does", async () => {
    const auth = createAuth({ ...basics, flows, stores: { users, credentials, sessions, rateLimits } })
    const outcome = await auth.flows.password.signIn({ email: "x@example.com", password: "x" })
    // @ts-expect-error the session is there only after `ok` was checked
    expect(outcome.session).toBeUndefined()
    expect(outcome.ok).toBe(false)
  })
})

describe("what fits is typed without an annotation", () => {
  const members = users as unknown as UserStore<Member>

  test("exactly the needed slots are enough", () => {
    expect(createAuth({ ...basics, flows, stores: { users, credentials, sessions, rateLimits } }).realm).toBe(
      "default",
    )
    expect(createAuth({ ...basics, flows: {}, stores: { sessions } }).realm).toBe("default")
  })

  test("claims may be an interface; what JSON cannot carry is no claim", () => {
    interface Seat {
      readonly row: number
    }
    const stores = { users, credentials, sessions, rateLimits }
    const auth = createAuth({ ...basics, flows, stores, claims: (): Seat => ({ row: 1 }) })
    expectTypeOf(auth.sessions.read).returns.resolves.toExtend<{ claims: Seat } | undefined>()
    // @ts-expect-error a Date is no JSON
    expect(createAuth({ ...basics, flows, stores, claims: () => ({ since: new Date() }) })).toBeDefined()
  })

  test("the host's user reaches claims, and claims reach the principal", async () => {
    const auth = createAuth({
      ...basics,
      flows,
      stores: { users: members, credentials, sessions, rateLimits },
      claims: (user) => {
        expectTypeOf(user).toEqualTypeOf<Member>()
        return { username: user.name, sponsor: user.sponsor }
      },
    })
    const principal = await auth.sessions.read("x")
    expectTypeOf(principal?.claims).toEqualTypeOf<{ username: string; sponsor: boolean } | undefined>()
    expectTypeOf(auth.flows.password.signIn).toBeFunction()
    // @ts-expect-error there is no such flow
    expect(auth.flows.oauth).toBeUndefined()
  })
})
