import { describe, expect, test } from "vitest"
import { allOf, anyOf, explain, judge, not, type Rule } from "../../src/guard.js"
import { StoreError } from "../../src/index.js"
import { answering, nobody, type Outcome, outcomeOf, requestTo } from "./asking.js"

const request = requestTo()
const down = new StoreError("users", new Error("connection refused"))
const broken = new RangeError("a mistake of the host's")

/** What a part may do: pass, refuse, or break; and a store that is down, which breaks in its own way. */
type Kind = "true" | "no" | "broken" | "down"
type Part = readonly [name: string, kind: Kind, answer: () => unknown]

const atOnce: readonly Part[] = [
  ["true", "true", () => true],
  ["false", "no", () => false],
  ["a message", "no", () => ({ message: "Members only" })],
  ["a reason", "no", () => ({ reason: "plan_required" })],
  ["a status", "no", () => ({ status: 404 })],
  ["undefined", "broken", () => undefined],
  ["null", "broken", () => null],
  ["1", "broken", () => 1],
  ["0", "broken", () => 0],
  ["an empty text", "broken", () => ""],
  ['"true"', "broken", () => "true"],
  ['"false"', "broken", () => "false"],
  ["an empty object", "broken", () => ({})],
  ["a message that is no text", "broken", () => ({ message: 1 })],
  ["a message among other things", "broken", () => ({ ok: true, message: "Welcome" })],
  ["a status that refuses nobody", "broken", () => ({ status: 200 })],
  ["a message that was not said", "broken", () => ({ message: undefined })],
  ["a field of every object", "broken", () => ({ constructor: "x" })],
  ["an error that was answered", "broken", () => new Error("No")],
  ["a list", "broken", () => ["No"]],
  ["an empty list", "broken", () => []],
  ["a function", "broken", () => () => true],
  ["new Boolean(false)", "broken", () => new Boolean(false)],
  ["a throw", "broken", () => thrown(broken)],
  ["a throw of a text", "broken", () => thrown("No")],
  ["a store that is down", "down", () => thrown(down)],
]

const later: readonly Part[] = atOnce.flatMap(([name, kind, answer]): Part[] => [
  [`a promise of ${name}`, kind, async () => answer()],
  [`a driver's promise of ${name}`, kind, () => lazily(async () => answer())],
])

const parts = [...atOnce, ...later]

describe.each(parts)("%s", (_name, kind, answer) => {
  const part = answering(answer)
  const passing = answering(() => true)
  const refusing = answering(() => false)
  const endsAs: Outcome = kind === "true" ? "passes" : kind === "down" ? "fault" : "refuses"
  const isOpen = kind === "true" || kind === "no"
  const opposite: Outcome = kind === "no" ? "passes" : kind === "down" ? "fault" : "refuses"

  test.each<readonly [string, Rule<object>, Outcome]>([
    ["alone", part, endsAs],
    ["not", not(part), opposite],
    ["not not", not(not(part)), endsAs],
    ["explain", explain(part, "Because"), endsAs],
    ["not explain", not(explain(part, "Because")), opposite],
    ["allOf", allOf(part), endsAs],
    ["not allOf", not(allOf(part)), opposite],
    ["allOf, then true", allOf(part, passing), endsAs],
    ["allOf, after true", allOf(passing, part), endsAs],
    ["not allOf, after true", not(allOf(passing, part)), opposite],
    ["allOf, then false", allOf(part, refusing), kind === "down" ? "fault" : "refuses"],
    ["allOf, after false", allOf(refusing, part), "refuses"],
    ["anyOf", anyOf(part), endsAs],
    ["not anyOf", not(anyOf(part)), opposite],
    ["anyOf, then true", anyOf(part, passing), isOpen ? "passes" : endsAs],
    ["anyOf, after true", anyOf(passing, part), "passes"],
    ["anyOf, then false", anyOf(part, refusing), endsAs],
    ["anyOf, after false", anyOf(refusing, part), endsAs],
    ["not anyOf, after false", not(anyOf(refusing, part)), opposite],
    ["anyOf in not in allOf", allOf(not(anyOf(refusing, part)), passing), opposite],
  ])("%s", async (_joined, rule, expected) => {
    expect(await outcomeOf(rule, nobody)).toBe(expected)
  })
})

describe("De Morgan holds, for what is broken too", () => {
  const pairs = parts.flatMap((one) => parts.map((other) => [one, other] as const))

  test(`not(allOf(a, b)) and anyOf(not(a), not(b)), and the other way round: ${pairs.length} pairs`, async () => {
    const apart: string[] = []
    const seen = new Set<Outcome>()
    for (const [[nameA, , answerA], [nameB, , answerB]] of pairs) {
      const [a, b] = [answering(answerA), answering(answerB)]
      const all = await outcomeOf(not(allOf(a, b)), nobody)
      const any = await outcomeOf(not(anyOf(a, b)), nobody)
      if (all !== (await outcomeOf(anyOf(not(a), not(b)), nobody))) apart.push(`allOf: ${nameA}, ${nameB}`)
      if (any !== (await outcomeOf(allOf(not(a), not(b)), nobody))) apart.push(`anyOf: ${nameA}, ${nameB}`)
      seen.add(all).add(any)
    }
    expect(apart).toEqual([])
    expect([...seen].sort()).toEqual(["fault", "passes", "refuses"])
  })
})

/** Rules of any depth, against a model of three values that is written another way. */
test("what is joined at random ends as the model says, and never passes without a reason", async () => {
  const random = numbers(20261121)
  const ended = { passes: 0, refuses: 0, fault: 0 }
  for (let round = 0; round < 2000; round++) {
    const { rule, kind } = anyRule(random, 4)
    const expected: Outcome = kind === "true" ? "passes" : kind === "down" ? "fault" : "refuses"
    const outcome = await outcomeOf(rule, nobody)
    expect(outcome, rule.name).toBe(expected)
    ended[outcome]++
  }
  expect(Math.min(...Object.values(ended))).toBeGreaterThan(200)
})

describe("in order, and no further than needed", () => {
  test.each<readonly [string, (...rules: Rule<object>[]) => Rule<object>, readonly unknown[], string]>([
    ["allOf asks all while they pass", allOf, [true, true, true], "123"],
    ["allOf stops at the first refusal", allOf, [true, false, true], "12"],
    ["anyOf stops at the first that passes", anyOf, [false, true, true], "12"],
    ["anyOf asks all while they refuse", anyOf, [false, false, false], "123"],
    ["anyOf stops at what is broken", anyOf, [false, undefined, true], "12"],
    ["allOf stops at what is broken", allOf, [true, null, true], "12"],
  ])("%s", async (_name, join, answers, expected) => {
    for (const late of [false, true]) {
      let asked = ""
      const rules = answers.map((answer, index) =>
        answering(() => {
          asked += index + 1
          return late ? Promise.resolve(answer) : answer
        }),
      )
      await outcomeOf(join(...rules), nobody)
      expect(asked).toBe(expected)
    }
  })

  test("the next is asked only when the one before has answered", async () => {
    const order: string[] = []
    const slow = answering(async () => {
      await Promise.resolve()
      order.push("slow")
      return true
    })
    const next = answering(() => {
      order.push("next")
      return true
    })
    await outcomeOf(allOf(slow, next), nobody)
    expect(order).toEqual(["slow", "next"])
  })

  test("a list that changes later changes no rule", async () => {
    const rules = [answering(() => false)]
    const rule = anyOf(...rules)
    rules.push(answering(() => true))
    expect(await outcomeOf(rule, nobody)).toBe("refuses")
  })
})

describe("at once where every part answers at once", () => {
  const yes = answering(() => true)
  const no = answering(() => false)
  const lateYes = answering(async () => true)

  test.each<readonly [string, Rule<object>, boolean]>([
    ["not", not(no), false],
    ["allOf", allOf(yes, yes, not(no)), false],
    ["anyOf", anyOf(no, yes), false],
    ["explain", explain(no, "No"), false],
    ["all together", anyOf(allOf(yes, not(yes)), explain(not(no), "No")), false],
    ["allOf that stops before a promise", allOf(no, lateYes), false],
    ["anyOf that stops before a promise", anyOf(yes, lateYes), false],
    ["allOf over a promise", allOf(yes, lateYes), true],
    ["anyOf over a promise", anyOf(no, lateYes), true],
    ["not of a promise", not(lateYes), true],
  ])("%s", (_name, rule, isLate) => {
    expect(rule(nobody, request) instanceof Promise).toBe(isLate)
    expect(judge(nobody, rule, request) instanceof Promise).toBe(isLate)
  })
})

describe("whose words stand", () => {
  const first = answering(() => ({ message: "First" }))
  const second = answering(() => ({ message: "Second", reason: "second" }))
  const silent = answering(() => false)
  const yes = answering(() => true)

  test.each<readonly [string, Rule<object>, unknown]>([
    ["allOf: the first that refuses", allOf(yes, first, second), { message: "First" }],
    ["anyOf: the last", anyOf(first, second), { message: "Second", reason: "second" }],
    ["anyOf: the last, also if it says nothing", anyOf(first, silent), false],
    ["not: its own", not(yes, "Not you"), { message: "Not you" }],
    ["not: none", not(yes), false],
    ["not: never those of the rule inside", not(allOf(yes)), false],
    ["not: with a reason", not(yes, { reason: "no_admins" }), { reason: "no_admins" }],
    ["explain: around anyOf", explain(anyOf(first, second), "Both"), { message: "Both", reason: "second" }],
    ["explain: where nothing was said", explain(silent, "So"), { message: "So" }],
    [
      "explain: the outermost",
      explain(explain(silent, "In"), { message: "Out", status: 404 }),
      { message: "Out", status: 404 },
    ],
    ["explain: of what passes", explain(yes, "So"), true],
  ])("%s", (_name, rule, expected) => {
    expect(rule(nobody, request)).toEqual(expected)
  })

  test("words are read when the rule is built", () => {
    const words = { message: "As built" }
    const rule = not(yes, words)
    words.message = "Changed"
    expect(rule(nobody, request)).toEqual({ message: "As built" })
  })
})

describe("names", () => {
  function isOwner(): boolean {
    return false
  }

  test.each<readonly [Rule<object>, string]>([
    [not(isOwner), "not(isOwner)"],
    [allOf(isOwner, not(isOwner)), "allOf(isOwner, not(isOwner))"],
    [anyOf(() => true, isOwner), "anyOf(a rule, isOwner)"],
    [explain(anyOf(isOwner), "Owners only"), "anyOf(isOwner)"],
  ])("%#", (rule, name) => {
    expect(rule.name).toBe(name)
    expect(() => Object.assign(rule, { name: "harmless" })).toThrow(TypeError)
  })

  test("explain leaves the rule's own name and function alone", () => {
    expect(explain(isOwner, "Owners only")).not.toBe(isOwner)
    expect(isOwner.name).toBe("isOwner")
  })
})

describe("refused when the rule is built", () => {
  const yes = answering(() => true)
  const nothing = undefined as unknown as Rule<object>
  const text = "isOwner" as unknown as Rule<object>

  test.each<readonly [string, () => unknown, RegExp]>([
    ["allOf of nothing", () => allOf(), /allOf\(\): no rule\. Name at least one/],
    ["anyOf of nothing", () => anyOf(), /anyOf\(\): no rule\. Name at least one/],
    ["allOf with a misspelled name", () => allOf(yes, nothing), /number 2 is no function\. Write/],
    ["anyOf with a text", () => anyOf(text), /number 1 is no function\. Write/],
    ["a list instead of rules", () => allOf([yes] as unknown as Rule<object>), /number 1 is no function/],
    ["not of nothing", () => not(nothing), /not\(\): number 1 is no function/],
    ["explain of nothing", () => explain(nothing, "So"), /explain\(\): number 1 is no function/],
    ["an empty message", () => not(yes, ""), /its message is empty\. Write "Members only"/],
    ["words that are no words", () => not(yes, 1 as unknown as string), /they are no text/],
    ["words that are null", () => not(yes, null as unknown as string), /they are no text/],
    ["words that are a list", () => not(yes, ["No"] as unknown as string), /they are no text/],
    ["words that say nothing", () => explain(yes, {}), /it says nothing/],
    ["a reason that is no word", () => explain(yes, { reason: "Plan required" }), /no snake_case word/],
    ["a reason with a line break", () => explain(yes, { reason: "plan\nrequired" }), /no snake_case word/],
    ["a reason that is empty", () => explain(yes, { reason: "" }), /no snake_case word/],
    ["a field that is none", () => explain(yes, { text: "No" } as object), /"text" is no field/],
    ["a status that refuses nobody", () => explain(yes, { status: 200 as 403 }), /its status will not do/],
  ])("%s", (_name, build, message) => {
    expect(build).toThrow(TypeError)
    expect(build).toThrow(message)
  })
})

function thrown(what: unknown): never {
  throw what
}

/** As query builders do it: nothing happens until it is waited for, and it is no Promise. */
function lazily(run: () => Promise<unknown>): unknown {
  // biome-ignore lint/suspicious/noThenProperty: this is what is being tested.
  return { then: (...given: Parameters<Promise<unknown>["then"]>) => run().then(...given) }
}

/** The same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function anyRule(random: () => number, depth: number): { readonly rule: Rule<object>; readonly kind: Kind } {
  const choice = depth === 0 ? 0 : Math.floor(random() * 4)
  if (choice === 0) {
    const bySort = { true: 0.45, no: 0.85, broken: 0.93, down: 1 }
    const roll = random()
    const kind = (Object.keys(bySort) as Kind[]).find((one) => roll < bySort[one]) ?? "no"
    const fitting = parts.filter(([, sort]) => sort === kind)
    const [, , answer] = fitting[Math.floor(random() * fitting.length)] ?? thrown(new Error("no such part"))
    return { rule: answering(answer), kind }
  }
  const inner = Array.from({ length: 1 + Math.floor(random() * 3) }, () => anyRule(random, depth - 1))
  const rules = inner.map(({ rule }) => rule)
  const kinds = inner.map(({ kind }) => kind)
  if (choice === 1) return { rule: allOf(...rules), kind: kinds.find((kind) => kind !== "true") ?? "true" }
  if (choice === 2) return { rule: anyOf(...rules), kind: kinds.find((kind) => kind !== "no") ?? "no" }
  const [{ rule, kind } = thrown(new Error("no part"))] = inner
  return { rule: not(rule), kind: kind === "true" ? "no" : kind === "no" ? "true" : kind }
}
