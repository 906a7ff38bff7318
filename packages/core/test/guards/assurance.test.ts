import { describe, expect, test } from "vitest"
import { type AssuranceLevel, assurance } from "../../src/guard.js"
import { outcomeOf, principalOf, requestTo } from "./asking.js"

const levels: readonly AssuranceLevel[] = [1, 2, 3]

describe.each<readonly [level: number, methods: readonly string[]]>([
  // Nothing that counts.
  [0, []],
  [0, ["user"]],
  [0, ["kba"]],
  [0, ["rba", "geo", "wia", "mca"]],
  [0, ["face"]],
  [0, ["fpt", "iris"]],
  [0, ["PWD"]],
  [0, ["pwd otp"]],
  [0, ["constructor", "__proto__", "has"]],
  [0, ["", "unknown"]],
  // One factor, or several of a kind.
  [1, ["pwd"]],
  [1, ["pin"]],
  [1, ["otp"]],
  [1, ["sms"]],
  [1, ["tel"]],
  [1, ["swk"]],
  [1, ["hwk"]],
  [1, ["sc"]],
  [1, ["fed"]],
  [1, ["email"]],
  [1, ["pwd", "pwd"]],
  [1, ["pwd", "pin"]],
  [1, ["otp", "sms"]],
  [1, ["otp", "hwk"]],
  [1, ["hwk", "user"]],
  [1, ["pwd", "user"]],
  [1, ["pwd", "face"]],
  [1, ["pwd", "kba"]],
  [1, ["pwd", "email"]],
  [1, ["pwd", "fed"]],
  [1, ["fed", "otp"]],
  [1, ["fed", "email"]],
  [1, ["pwd", "unknown"]],
  // Two kinds.
  [2, ["pwd", "otp"]],
  [2, ["otp", "pwd"]],
  [2, ["pwd", "sms"]],
  [2, ["pwd", "tel"]],
  [2, ["pwd", "swk"]],
  [2, ["pin", "sc"]],
  [2, ["swk", "pin"]],
  [2, ["swk", "face"]],
  [2, ["otp", "fpt"]],
  [2, ["mfa"]],
  [2, ["fed", "mfa"]],
  [2, ["swk", "mfa"]],
  [2, ["sc", "mfa"]],
  [2, ["unknown", "pwd", "user", "otp"]],
  // Two kinds, one of them a key in hardware.
  [3, ["hwk", "pin"]],
  [3, ["hwk", "fpt"]],
  [3, ["hwk", "user", "mfa"]],
  [3, ["hwk", "pwd"]],
])("level %i: %j", (level, methods) => {
  test.each(levels)("assurance(%i)", async (wanted) => {
    const expected = level >= wanted ? "passes" : "refuses"
    expect(await outcomeOf(assurance(wanted), principalOf({}, { methods }))).toBe(expected)
  })
})

test("a further method never lowers the level", async () => {
  const all = [
    "pwd",
    "pin",
    "otp",
    "sms",
    "swk",
    "hwk",
    "sc",
    "face",
    "fed",
    "email",
    "mfa",
    "user",
    "kba",
    "x",
  ]
  const lowered: string[] = []
  for (const one of all) {
    for (const other of all) {
      for (const level of levels) {
        const before = await outcomeOf(assurance(level), principalOf({}, { methods: [one] }))
        const after = await outcomeOf(assurance(level), principalOf({}, { methods: [one, other] }))
        if (before === "passes" && after !== "passes") lowered.push(`${one} + ${other}`)
      }
    }
  }
  expect(lowered).toEqual([])
})

test.each([undefined, null, "mfa", { 0: "mfa", length: 1 }])(
  "methods that are no list refuse: %s",
  async (methods) => {
    const principal = principalOf({}, { methods: methods as unknown as readonly string[] })
    expect(await outcomeOf(assurance(1), principal)).toBe("refuses")
  },
)

test("it says what is missing, at once", () => {
  expect(assurance(2)(principalOf({}), requestTo())).toEqual({
    reason: "insufficient_user_authentication",
    status: 401,
  })
  expect(assurance(1)(principalOf({}), requestTo())).toBe(true)
  expect(levels.map((level) => assurance(level).name)).toEqual([
    "assurance(1)",
    "assurance(2)",
    "assurance(3)",
  ])
})

test.each([0, 4, 1.5, "2", Number.NaN, undefined, null])("refused when it is built: %s", (level) => {
  expect(() => assurance(level as AssuranceLevel)).toThrow(TypeError)
  expect(() => assurance(level as AssuranceLevel)).toThrow(/Write assurance\(1\)/)
})
