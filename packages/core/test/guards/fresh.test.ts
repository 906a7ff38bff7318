import { describe, expect, test } from "vitest"
import { explain, fresh, not } from "../../src/guard.js"
import { type Clock, ConfigError, type Duration } from "../../src/index.js"
import { now, outcomeOf, principalOf, requestTo } from "./asking.js"

const clock: Clock = () => now
const minute = 60_000

describe("the time since the last proof", () => {
  test.each<readonly [string, Duration, number, boolean]>([
    ["just now", "5m", 0, true],
    ["a millisecond less than the limit", "5m", 5 * minute - 1, true],
    ["the limit", "5m", 5 * minute, true],
    ["a millisecond more than the limit", "5m", 5 * minute + 1, false],
    ["a day", "5m", 1440 * minute, false],
    ["the limit in seconds", 30, 30_000, true],
    ["a millisecond more than seconds", 30, 30_001, false],
    ["a server's clock that is ahead", "5m", -1, true],
    ["half a minute ahead", "5m", -30_000, true],
    ["a millisecond more than half a minute ahead", "5m", -30_001, false],
    ["years ahead", "5m", -1e11, false],
    ["no number", "5m", Number.NaN, false],
    ["ever ago", "5m", Number.POSITIVE_INFINITY, false],
    ["never", "5m", Number.NEGATIVE_INFINITY, false],
  ])("%s", async (_name, maxAge, age, passes) => {
    const principal = principalOf({}, { authenticatedAt: now - age })
    expect(await outcomeOf(fresh(maxAge, { clock }), principal)).toBe(passes ? "passes" : "refuses")
  })

  test("a clock that tells no time refuses", async () => {
    const rule = fresh("5m", { clock: () => Number.NaN })
    expect(await outcomeOf(rule, principalOf({}))).toBe("refuses")
  })

  test("a session that was used or renewed a moment ago is no proof", async () => {
    const principal = principalOf({}, { authenticatedAt: now - 6 * minute, lastSeenAt: now, createdAt: now })
    expect(await outcomeOf(fresh("5m", { clock }), principal)).toBe("refuses")
  })

  test("without a clock it is the machine's", async () => {
    const authenticatedAt = Date.now()
    expect(await outcomeOf(fresh("5m"), principalOf({}, { authenticatedAt }))).toBe("passes")
    const before = authenticatedAt - 5 * minute - 1
    expect(await outcomeOf(fresh("5m"), principalOf({}, { authenticatedAt: before }))).toBe("refuses")
  })
})

test("it asks for a new sign-in, at once", () => {
  const principal = principalOf({}, { authenticatedAt: 0 })
  const asking = { reason: "reauthentication_required", status: 401 }
  expect(fresh("5m", { clock })(principal, requestTo())).toEqual(asking)
  expect(explain(fresh("5m", { clock }), "Sign in again to pay")(principal, requestTo())).toEqual({
    ...asking,
    message: "Sign in again to pay",
  })
})

test("nobody can change what it answers the next one", () => {
  const rule = fresh("5m", { clock })
  const answer = rule(principalOf({}, { authenticatedAt: 0 }), requestTo())
  expect(() => Object.assign(answer, { status: 200 })).toThrow(TypeError)
})

test("it is called what was written", () => {
  expect([fresh("5m").name, fresh(300).name, not(fresh("1h")).name]).toEqual([
    'fresh("5m")',
    "fresh(300)",
    'not(fresh("1h"))',
  ])
})

test.each(["5 minutes", "", "-5m", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, undefined, null])(
  "refused when it is built: %s",
  (maxAge) => {
    expect(() => fresh(maxAge as Duration)).toThrow(ConfigError)
  },
)
