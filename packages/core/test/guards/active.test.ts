import { describe, expect, test } from "vitest"
import { active, allOf, guard, not, type UserSource } from "../../src/guard.js"
import { memoryStores } from "../../src/memory.js"
import { newUser } from "../../src/testing.js"
import { appWithAda, signedIn } from "../app.js"
import { nobody, type Outcome, outcomeOf, principalOf, requestTo } from "./asking.js"

const user = { id: "u1", email: "ada@example.com", emailVerifiedAt: null, disabledAt: null, createdAt: 0 }

describe.each<readonly [string, () => unknown, Outcome, Outcome]>([
  ["an active account", () => user, "passes", "refuses"],
  ["a disabled one", () => ({ ...user, disabledAt: 1 }), "refuses", "passes"],
  ["one disabled at the beginning of time", () => ({ ...user, disabledAt: 0 }), "refuses", "passes"],
  ["one that is gone", () => undefined, "refuses", "passes"],
  ["one that is gone, as SQL says it", () => null, "refuses", "passes"],
  ["somebody else", () => ({ ...user, id: "u2" }), "fault", "fault"],
  ["one that does not say", () => ({ id: "u1" }), "fault", "fault"],
  ["a date", () => ({ ...user, disabledAt: new Date(0) }), "fault", "fault"],
  ["nonsense", () => true, "fault", "fault"],
  [
    "an error",
    () => {
      throw new Error("connection refused")
    },
    "fault",
    "fault",
  ],
])("a store that answers %s", (_name, answer, expected, opposite) => {
  const atOnce = { find: answer } as UserSource
  const later = { find: async () => answer() } as UserSource

  test.each([
    ["at once", atOnce],
    ["later", later],
  ])("%s", async (_when, users) => {
    expect(await outcomeOf(active(users), nobody)).toBe(expected)
    expect(await outcomeOf(not(active(users)), nobody)).toBe(opposite)
  })
})

test("it asks once per request, for the principal, as a method of its store", async () => {
  const asked: string[] = []
  const users = {
    ids: asked,
    async find(id: string) {
      this.ids.push(id)
      return { ...user, id }
    },
  }
  const rule = active(users)
  const request = requestTo()
  expect(await outcomeOf(allOf(rule, rule), nobody, request)).toBe("passes")
  expect(await outcomeOf(rule, nobody, request)).toBe("passes")
  expect(asked).toEqual(["u1"])
  expect(await outcomeOf(rule, principalOf({}, {}, "u2"), request)).toBe("passes")
  expect(await outcomeOf(rule, nobody, requestTo())).toBe("passes")
  expect(asked).toEqual(["u1", "u2", "u1"])
})

test("it sees at the next request what was changed past the library", async () => {
  const { users } = memoryStores()
  const made = await users.create(newUser())
  const principal = principalOf({}, {}, made?.id)
  const rule = active(users)
  expect(await outcomeOf(rule, principal)).toBe("passes")
  await users.update(principal.userId, { disabledAt: 1 })
  expect(await outcomeOf(rule, principal)).toBe("refuses")
  await users.update(principal.userId, { disabledAt: null })
  expect(await outcomeOf(rule, principal)).toBe("passes")
  await users.delete(principal.userId)
  expect(await outcomeOf(rule, principal)).toBe("refuses")
})

test("at a guard: 403 for a disabled account, 503 for a store that is down, and the event names the rule", async () => {
  const host = await appWithAda()
  const browser = await signedIn(host)
  const cookie = browser.cookieHeader()
  const incoming = {
    ...requestTo(),
    peerAddress: undefined,
    header: (name: string) => (name === "cookie" ? cookie : null),
  }
  const { principal } = await host.auth.authenticate(incoming)
  const disabled = active({ find: () => ({ ...host.user, disabledAt: 1 }) })
  const down = active({ find: () => Promise.reject(new Error("connection refused")) })
  expect(await guard(host.auth, principal, active(host.stores.users), { ...incoming })).toBeUndefined()
  expect(await guard(host.auth, principal, disabled, { ...incoming })).toMatchObject({ status: 403 })
  expect(await guard(host.auth, principal, down, { ...incoming })).toMatchObject({ status: 503 })
  const refused = host.events.filter(({ type }) => type === "guard.refused")
  expect(refused).toMatchObject([{ rule: "active(users)", userId: host.user.id }])
  expect(host.faults).toMatchObject([{ code: "ERR_STORE", slot: "users" }])
})

test("it has its name, and wants a store", () => {
  expect(active({ find: () => undefined }).name).toBe("active(users)")
  for (const odd of [undefined, null, {}, { find: "u1" }]) {
    expect(() => active(odd as UserSource)).toThrow(/Write active\(stores\.users\)/)
  }
})
