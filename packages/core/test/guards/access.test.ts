import { describe, expect, test } from "vitest"
import { type Access, access, not, perRequest, type Rule } from "../../src/guard.js"
import { nobody, type Outcome, outcomeOf, principalOf, requestTo } from "./asking.js"

type Params = Readonly<Record<string, string>>

const acme = { storeCode: "ACME" }

describe("what may be entered", () => {
  test.each<readonly [string, unknown, Outcome, Outcome]>([
    ["a list with it", ["OTHER", "ACME"], "passes", "refuses"],
    ["a list without it", ["OTHER"], "refuses", "passes"],
    ["an empty list", [], "refuses", "passes"],
    ["a set with it", new Set(["ACME"]), "passes", "refuses"],
    ["a set without it", new Set(["OTHER"]), "refuses", "passes"],
    ["true", true, "passes", "refuses"],
    ["false", false, "refuses", "passes"],
    ["another case", ["acme"], "refuses", "passes"],
    ["a part of it", ["ACM", "ACMEE", " ACME", "ACME "], "refuses", "passes"],
    ["a list in a list", [["ACME"]], "refuses", "passes"],
    ["a text with it", "ACME", "refuses", "refuses"],
    ["a longer text with it", "OTHER,ACME", "refuses", "refuses"],
    ["an object with it", { ACME: true }, "refuses", "refuses"],
    ["a map with it", new Map([["ACME", true]]), "refuses", "refuses"],
    ["undefined", undefined, "refuses", "refuses"],
    ["null", null, "refuses", "refuses"],
    ["1", 1, "refuses", "refuses"],
    ['"true"', "true", "refuses", "refuses"],
    ["words, which are the rule's to say", { message: "No" }, "refuses", "refuses"],
  ])("%s", async (_name, answer, expected, opposite) => {
    const atOnce = access("storeCode", () => answer as Access)
    const later = access("storeCode", async () => answer as Access)
    const lazily = access("storeCode", () => lazy(answer) as Promise<Access>)
    for (const rule of [atOnce, later, lazily]) {
      expect(await outcomeOf(rule, nobody, requestTo(acme))).toBe(expected)
      expect(await outcomeOf(not(rule), nobody, requestTo(acme))).toBe(opposite)
    }
  })

  test("whatever is thrown is a fault", async () => {
    const atOnce = access("storeCode", () => {
      throw new Error("connection refused")
    })
    const later = access("storeCode", () => Promise.reject(new Error("connection refused")))
    for (const rule of [atOnce, later]) {
      expect(await outcomeOf(rule, nobody, requestTo(acme))).toBe("fault")
      expect(await outcomeOf(not(rule), nobody, requestTo(acme))).toBe("fault")
    }
  })
})

describe("a parameter that is none refuses, also behind not, and asks nobody", () => {
  test.each<readonly [string, unknown]>([
    ["no parameters", undefined],
    ["none of this name", {}],
    ["another case of the name", { storecode: "ACME" }],
    ["an empty one", { storeCode: "" }],
    ["undefined", { storeCode: undefined }],
    ["null", { storeCode: null }],
    ["a number", { storeCode: 1 }],
    ["a list, as a wildcard's", { storeCode: ["ACME"] }],
    ["an object that reads as it", { storeCode: { toString: () => "ACME" } }],
  ])("%s", async (_name, params) => {
    let asked = 0
    const rule = access("storeCode", () => {
      asked++
      return true
    })
    const request = requestTo(params as Params)
    expect(await outcomeOf(rule, nobody, request)).toBe("refuses")
    expect(await outcomeOf(not(rule), nobody, request)).toBe("refuses")
    expect(asked).toBe(0)
  })

  test.each(["constructor", "toString", "__proto__"])("what every object has is none: %s", async (name) => {
    const rule = access(name, () => true)
    expect(await outcomeOf(rule, nobody, requestTo({}))).toBe("refuses")
  })

  test("undefined is not among undefined", async () => {
    const rule = access("storeCode", () => [undefined] as unknown as string[])
    expect(await outcomeOf(rule, nobody, requestTo({}))).toBe("refuses")
  })

  test.each(["constructor", "__proto__", "length", "0"])(
    "no list and no set has %s by itself",
    async (value) => {
      for (const answer of [["ACME"], new Set(["ACME"])]) {
        expect(
          await outcomeOf(
            access("storeCode", () => answer),
            nobody,
            requestTo({ storeCode: value }),
          ),
        ).toBe("refuses")
      }
    },
  )
})

describe("asked once per request, principal and value", () => {
  test("whichever comes again", async () => {
    const asked: string[] = []
    const rule = access("storeCode", async ({ userId }, _request, value) => {
      asked.push(`${userId} ${value}`)
      return userId === "u1" && value === "ACME"
    })
    const request = requestTo(acme)
    const eve = principalOf({}, {}, "u2")
    expect(await outcomeOf(rule, nobody, request)).toBe("passes")
    expect(await outcomeOf(rule, nobody, request)).toBe("passes")
    expect(await outcomeOf(rule, eve, request)).toBe("refuses")
    expect(await outcomeOf(rule, nobody, requestTo(acme))).toBe("passes")
    expect(asked).toEqual(["u1 ACME", "u2 ACME", "u1 ACME"])
  })

  test("but what is there at once is asked each time: perRequest keeps that too", async () => {
    let asked = 0
    const load = (): readonly string[] => {
      asked++
      return ["ACME"]
    }
    const request = requestTo(acme)
    const [own, kept] = [access("storeCode", load), access("storeCode", perRequest(load))]
    for (const rule of [own, own]) expect(await outcomeOf(rule, nobody, request)).toBe("passes")
    expect(asked).toBe(2)
    for (const rule of [kept, kept]) expect(await outcomeOf(rule, nobody, request)).toBe("passes")
    expect(asked).toBe(3)
  })

  test("parameters that change with the router are read anew, and what was answered for one is none for another", async () => {
    let params: Params = acme
    const request = { ...requestTo(), param: (name: string) => params[name] }
    const rule = access("storeCode", async (_principal, _request, value) => value === "ACME")
    expect(await outcomeOf(rule, nobody, request)).toBe("passes")
    params = { storeCode: "OTHER" }
    expect(await outcomeOf(rule, nobody, request)).toBe("refuses")
    params = {}
    expect(await outcomeOf(rule, nobody, request)).toBe("refuses")
    params = acme
    expect(await outcomeOf(rule, nobody, request)).toBe("passes")
  })

  test("a parameter is read once: what was asked for is what is compared", async () => {
    let reads = 0
    const param = (): string => (++reads % 2 === 1 ? "OTHER" : "ACME")
    const rule = access("storeCode", (_principal, _request, value) =>
      value === "ACME" ? ["ACME"] : ["ACME", "X"],
    )
    expect(await outcomeOf(rule, nobody, { ...requestTo(), param })).toBe("refuses")
  })

  test("a loader that is shared loads once for two rules", async () => {
    let asked = 0
    const storesOf = perRequest(async () => {
      asked++
      return ["ACME", "OTHER"]
    })
    const request = requestTo({ storeCode: "ACME", target: "OTHER" })
    expect(await outcomeOf(access("storeCode", storesOf), nobody, request)).toBe("passes")
    expect(await outcomeOf(access("target", storesOf), nobody, request)).toBe("passes")
    expect(asked).toBe(1)
  })
})

test("it answers at once where what it asks does, in the host's words or in none", () => {
  const request = requestTo({ storeCode: "OTHER" })
  const codes = () => ["ACME"]
  expect(access("storeCode", codes)(nobody, requestTo(acme))).toBe(true)
  expect(access("storeCode", codes)(nobody, request)).toBe(false)
  expect(access("storeCode", codes, "Not your store")(nobody, request)).toEqual({ message: "Not your store" })
  expect(access("storeCode", codes, { status: 404 })(nobody, request)).toEqual({ status: 404 })
  expect(access("storeCode", async () => ["ACME"])(nobody, request)).toBeInstanceOf(Promise)
})

test("it is called by its parameter and by what it asks", () => {
  function storesOf(): Access {
    return []
  }
  const names = [
    access("storeCode", storesOf),
    access("storeCode", perRequest(storesOf)),
    access("id", () => true),
  ]
  expect(names.map((rule: Rule<object>) => rule.name)).toEqual([
    'access("storeCode", storesOf)',
    'access("storeCode", storesOf)',
    'access("id")',
  ])
})

test.each<readonly [string, () => unknown, RegExp]>([
  ["no parameter", () => access("", () => true), /Write access\("storeCode"/],
  ["a parameter as the path writes it", () => access(":storeCode", () => true), /Write access\("storeCode"/],
  ["no name", () => access(undefined as unknown as string, () => true), /Write access\("storeCode"/],
  ["no function", () => access("storeCode", ["ACME"] as unknown as () => true), /Write access\("storeCode"/],
  ["words that say nothing", () => access("storeCode", () => true, ""), /Write "Members only"/],
])("refused when it is built: %s", (_name, build, message) => {
  expect(build).toThrow(TypeError)
  expect(build).toThrow(message)
})

/** As query builders do it: no Promise, and nothing happens until it is waited for. */
function lazy(answer: unknown): unknown {
  // biome-ignore lint/suspicious/noThenProperty: this is what is being tested.
  return { then: (...given: Parameters<Promise<unknown>["then"]>) => Promise.resolve(answer).then(...given) }
}
