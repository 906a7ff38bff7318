import { describe, expect, test } from "vitest"
import { allOf, judge, perRequest, type Rule } from "../../src/guard.js"
import { StoreError } from "../../src/index.js"
import { nobody, outcomeOf, principalOf, requestTo } from "./asking.js"

describe.each([
  ["at once", (value: string) => value],
  ["later", async (value: string) => value],
] as const)("a loader that answers %s", (_name, answer) => {
  test("runs once per request and principal", async () => {
    const asked: string[] = []
    const load = perRequest(({ userId }) => {
      asked.push(userId)
      return answer(`of ${userId}`)
    })
    const [request, other] = [requestTo(), requestTo()]
    const eve = principalOf({}, {}, "u2")
    expect(await load(nobody, request)).toBe("of u1")
    expect(await load(nobody, request)).toBe("of u1")
    expect(await load(eve, request)).toBe("of u2")
    expect(await load(nobody, request)).toBe("of u1")
    expect(asked).toEqual(["u1", "u2"])
    expect(await load(nobody, other)).toBe("of u1")
    expect(asked).toEqual(["u1", "u2", "u1"])
  })

  test("answers one who is signed in twice by each session", async () => {
    let asked = 0
    const load = perRequest(({ session }) => {
      asked++
      return answer(session.id)
    })
    const request = requestTo()
    expect(await load(principalOf({}, { id: "s1" }), request)).toBe("s1")
    expect(await load(principalOf({}, { id: "s2" }), request)).toBe("s2")
    expect(asked).toBe(2)
  })
})

test("who asks meanwhile waits for the same answer", async () => {
  let asked = 0
  const load = perRequest(async () => {
    asked++
    await Promise.resolve()
    return "loaded"
  })
  const request = requestTo()
  const waiting = [load(nobody, request), load(nobody, request), load(nobody, request)]
  expect(asked).toBe(1)
  expect(await Promise.all(waiting)).toEqual(["loaded", "loaded", "loaded"])
  expect(asked).toBe(1)
})

test("what is there is answered at once, so that rules over it are synchronous", async () => {
  const load = perRequest(async () => ["ACME"])
  const rule: Rule<object> = (principal, request) => {
    const stores = load(principal, request)
    return stores instanceof Promise ? stores.then((all) => all.includes("ACME")) : stores.includes("ACME")
  }
  const request = requestTo()
  expect(judge(nobody, rule, request)).toBeInstanceOf(Promise)
  await load(nobody, request)
  expect(judge(nobody, rule, request)).toBeUndefined()
})

test.each([undefined, null, false, 0, ""])("an answer that is %s is kept as well", async (answer) => {
  let asked = 0
  const load = perRequest(async () => {
    asked++
    return answer
  })
  const request = requestTo()
  expect([await load(nobody, request), await load(nobody, request)]).toEqual([answer, answer])
  expect(asked).toBe(1)
})

describe("a failure", () => {
  const cause = new TypeError("connection refused")
  const down = new StoreError("stores", cause)

  test.each<readonly [string, unknown, unknown]>([
    ["of a driver", cause, { code: "ERR_STORE", slot: "storesOf", cause }],
    ["that is no error", "connection refused", { code: "ERR_STORE", cause: "connection refused" }],
    ["of a store of ours", down, down],
  ])("%s is a fault, at once and later", async (_name, thrown, expected) => {
    function fail(): never {
      throw thrown
    }
    const atOnce = perRequest(function storesOf() {
      fail()
    })
    const later = perRequest(async function storesOf() {
      fail()
    })
    expect(() => atOnce(nobody, requestTo())).toThrow(expect.objectContaining(expected))
    await expect(later(nobody, requestTo())).rejects.toMatchObject(expected as object)
    for (const load of [atOnce, later]) {
      const rule: Rule<object> = async (principal, request) => {
        await load(principal, request)
        return true
      }
      expect(await outcomeOf(rule, nobody)).toBe("fault")
    }
  })

  test("is not kept: who asks next tries again, who asked meanwhile fails with it", async () => {
    let asked = 0
    const load = perRequest(async () => {
      if (++asked === 1) throw cause
      return "loaded"
    })
    const request = requestTo()
    const both = await Promise.allSettled([load(nobody, request), load(nobody, request)])
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"])
    expect(await load(nobody, request)).toBe("loaded")
    expect(await load(nobody, request)).toBe("loaded")
    expect(asked).toBe(2)
  })

  test("thrown at once is not kept either, and takes no other answer with it", () => {
    let asked = 0
    const load = perRequest(({ userId }) => {
      asked++
      if (userId === "u1" && asked < 3) throw cause
      return userId
    })
    const request = requestTo()
    const eve = principalOf({}, {}, "u2")
    expect(() => load(nobody, request)).toThrow(StoreError)
    expect(load(eve, request)).toBe("u2")
    expect(load(nobody, request)).toBe("u1")
    expect(load(eve, request)).toBe("u2")
    expect(asked).toBe(3)
  })
})

test("rules that share a loader, and the handler behind them, load once", async () => {
  let asked = 0
  const load = perRequest(async () => {
    asked++
    return { plan: "gold", seats: 3 }
  })
  const isGold: Rule<object> = async (principal, request) => (await load(principal, request)).plan === "gold"
  const hasSeats: Rule<object> = async (principal, request) => (await load(principal, request)).seats > 2
  const request = requestTo()
  expect(await outcomeOf(allOf(isGold, hasSeats), nobody, request)).toBe("passes")
  expect(await load(nobody, request)).toEqual({ plan: "gold", seats: 3 })
  expect(asked).toBe(1)
})

test("a new object is a new request, as for a socket that stays open", async () => {
  let asked = 0
  const load = perRequest(async () => ++asked)
  const request = requestTo()
  expect(await load(nobody, request)).toBe(1)
  expect(await load(nobody, { ...request })).toBe(2)
})

test("it is called as what it runs, and wants a function", () => {
  expect(perRequest(function storesOf() {}).name).toBe("storesOf")
  expect(() => perRequest(undefined as unknown as () => void)).toThrow(/Write perRequest\(/)
})
