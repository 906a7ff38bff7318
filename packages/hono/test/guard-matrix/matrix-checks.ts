import { readFileSync } from "node:fs"
import { anyOf, hasRole, not } from "@mortise/core/guard"
import { type GuardMatrix, guardMatrix } from "@mortise/core/testing"
import { expect, test } from "vitest"
import {
  type BuildShop,
  isManager,
  openShop,
  type Shop,
  type ShopOptions,
  type ShopRoute,
  type ShopRule,
  type ShopStep,
  shopSteps,
  storeAccess,
} from "./shop.js"

/** What a host would keep in version control, and what is the same on every framework. */
const kept = readFileSync(new URL("shop-matrix.md", import.meta.url), "utf8")

/** Something that goes wrong with the shop, and where the matrix shows it. */
interface Mutation {
  readonly name: string
  readonly steps?: readonly ShopStep[]
  readonly options?: ShopOptions
  /** Of a sentence in `problems`; undefined where only the table that is kept shows it. */
  readonly problem?: string
}

const dashboard = "GET /store/:storeCode/dashboard"
const staff = "POST /store/:storeCode/staff"

const mutations: readonly Mutation[] = [
  {
    name: "a guard is removed from a route",
    steps: changed(dashboard, { guards: [] }),
    problem: `${dashboard} has no rule of its own`,
  },
  {
    name: "a guard is removed from a route of the API",
    steps: changed("GET /api/v1/store/:storeCode/stock", { guards: [] }),
    problem: "GET /api/v1/store/:storeCode/stock has no rule of its own",
  },
  {
    name: "a guard is removed from a route that has another one before it",
    steps: changed("POST /store/:storeCode/stock", { guards: [] }),
  },
  {
    name: "the guard of a part is removed",
    steps: shopSteps.filter((step) => step.use !== "guard"),
    problem: "GET /store/:storeCode/stock has no rule of its own",
  },
  { name: "anyOf for allOf", steps: changed(staff, { guards: [anyOf(storeAccess, isManager)] }) },
  { name: "a rule of two is dropped", steps: changed(staff, { guards: [isManager] }) },
  {
    name: "another role",
    steps: changed("POST /store/:storeCode/stock", { guards: [hasRole("clerk")] }),
  },
  {
    name: "not() is dropped",
    steps: changed("DELETE /admin/users/:id", { guards: [hasRole("auditor")] }),
  },
  {
    name: "a rule gives way to whoever is signed in",
    steps: changed(dashboard, { guards: [null] }),
  },
  { name: "the realm's rule is dropped", options: { rules: { store: () => true } } },
  { name: "the realm's rule is another role's", options: { rules: { store: not(hasRole("auditor")) } } },
  {
    name: "a route is added without a rule",
    steps: [...shopSteps, { use: "route", method: "get", path: "/admin/export", guards: [] }],
    problem: "GET /admin/export has no rule of its own",
  },
  {
    name: "the guard stands after the handler",
    steps: changed(dashboard, { guardsStand: "after the handler" }),
    problem: `${dashboard} has no rule of its own`,
  },
  {
    name: "the guard stands there and lets everybody pass",
    steps: changed(dashboard, { guardsStand: "there, and let pass" }),
    problem: "GET /store/OTHER/dashboard as manager of ACME: 200, expected 403",
  },
  {
    name: "the guard is on another method only",
    steps: [
      ...changed(dashboard, { guards: [] }),
      { use: "route", method: "post", path: "/store/:storeCode/dashboard", guards: [storeAccess] },
    ],
    problem: `${dashboard} has no rule of its own`,
  },
  {
    name: "the guard is on another path only",
    steps: [
      { use: "guard", at: "/store/ACME/dashboard", rule: storeAccess },
      ...changed(dashboard, { guards: [] }),
    ],
    problem: `${dashboard} has no rule of its own`,
  },
  {
    name: "the guard of a part comes after the route",
    steps: [
      ...shopSteps.filter(({ use }) => use === "route"),
      ...shopSteps.filter(({ use }) => use === "guard"),
    ],
    problem: "GET /store/:storeCode/stock has no rule of its own",
  },
  {
    name: "a guard that refuses everybody",
    steps: changed(dashboard, { guards: [nobody] }),
    problem: `${dashboard} is entered by nobody`,
  },
  {
    name: "a guard outside of all realms",
    steps: [...shopSteps, { use: "route", method: "get", path: "/about", guards: [null] }],
    problem: "GET /about as admin: 500, expected 401",
  },
  {
    name: "a route moves out of its realm",
    steps: changed("GET /admin/dashboard", { path: "/administration", guards: [] }),
  },
  {
    name: "a route in a spelling that its realm does not take",
    steps: changed("GET /admin/dashboard", { path: "/Admin/dashboard" }),
    problem: "GET /Admin/dashboard is reached by no address that is known: name one in samples or params",
  },
]

/** Enough of them that each mutation lets somebody in. */
const few = [
  "anonymous",
  "admin",
  "auditor",
  "clerk of ACME",
  "manager of ACME",
  "manager of OTHER",
  "manager who became admin",
  "customer",
]

/** The matrix over the shop on one framework: as it is meant to be, and with one thing wrong at a time. */
export function checkMatrix(build: BuildShop): void {
  let sound: Promise<GuardMatrix> | undefined

  test("the shop is as it is meant to be, and the table says so", async () => {
    const { characters, ...shop } = await openShop()
    const matrix = await matrixOf(build, shopSteps, { ...shop, characters })
    expect(matrix.problems).toEqual([])
    expect(matrix.public).toEqual(["GET /", "GET /store/login"])
    expect(matrix.toMarkdown()).toBe(kept)
    // It tried everybody everywhere, and each kind of answer came.
    const statuses = matrix.rows.flatMap(({ answers }) => answers.map(({ status }) => status))
    expect(statuses).toHaveLength(14 * characters.length)
    expect(new Set(statuses)).toEqual(new Set([200, 401, 403]))
  })

  test.each(mutations)("mutation: $name", async ({ options, problem, steps = shopSteps }) => {
    sound ??= openShop().then((shop) => matrixOf(build, shopSteps, withFew(shop)))
    const matrix = await matrixOf(build, steps, withFew(await openShop(options)))
    const { problems, toMarkdown } = await sound
    expect(problems).toEqual([])
    expect(matrix.toMarkdown()).not.toBe(toMarkdown())
    if (problem !== undefined) return expect(matrix.problems).toContain(problem)
    // What was declared is what is answered: only the table shows it, and not by the names of rules alone.
    expect(matrix.problems).toEqual([])
    expect(answersOf(matrix)).not.toEqual(answersOf(await sound))
  })
}

function matrixOf(build: BuildShop, steps: readonly ShopStep[], shop: Shop): Promise<GuardMatrix> {
  const params = { storeCode: ["ACME", "OTHER"] }
  return build(shop.site, steps).then(({ fetch, routes }) => guardMatrix({ ...shop, routes, fetch, params }))
}

function withFew({ characters, site }: Shop): Shop {
  return { site, characters: characters.filter(({ name }) => few.includes(name)) }
}

function answersOf({ rows }: GuardMatrix): readonly string[] {
  return rows.flatMap(({ answers, route, target }) =>
    answers.map(({ character, status }) => `${route} at ${target} as ${character}: ${status}`),
  )
}

/** The shop with one route changed. */
function changed(name: string, change: Partial<ShopRoute>): readonly ShopStep[] {
  const isNamed = (step: ShopStep): step is ShopRoute =>
    step.use === "route" && `${step.method.toUpperCase()} ${step.path}` === name
  if (!shopSteps.some(isNamed)) throw new Error(`The shop has no ${name}.`)
  return shopSteps.map((step) => (isNamed(step) ? { ...step, ...change } : step))
}

function nobody(): ReturnType<ShopRule> {
  return false
}
