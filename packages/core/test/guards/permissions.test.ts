import { describe, expect, test } from "vitest"
import { not, permissions, type RoleClaims } from "../../src/guard.js"
import { outcomeOf, principalOf, requestTo } from "./asking.js"

const all = ["product:read", "product:write", "order:read", "order:refund"] as const

const { can, hasRole, allows } = permissions(
  { product: ["read", "write"], order: ["read", "refund"] },
  {
    admin: { product: "*", order: "*" },
    store: { product: ["read", "write"], order: ["read"] },
    customer: { product: ["read"], order: [] },
    guest: {},
  },
)

describe.each<readonly [string, RoleClaims, readonly string[]]>([
  ["admin", { role: "admin" }, all],
  ["store", { role: "store" }, ["product:read", "product:write", "order:read"]],
  ["customer", { role: "customer" }, ["product:read"]],
  ["guest", { role: "guest" }, []],
  ["customer and store", { roles: ["customer", "store"] }, ["product:read", "product:write", "order:read"]],
  ["a role that nobody stated", { role: "manager" }, []],
  ["another case", { role: "Admin" }, []],
  ["no role of a list", { roles: [] }, []],
  ["__proto__", { role: "__proto__" }, []],
  ["constructor", { roles: ["constructor", "toString", "hasOwnProperty"] }, []],
])("%s", (_name, claims, allowed) => {
  test.each(all)("%s", async (permission) => {
    const may = allowed.includes(permission)
    expect(await outcomeOf(can(permission), principalOf(claims))).toBe(may ? "passes" : "refuses")
    expect(await outcomeOf(not(can(permission)), principalOf(claims))).toBe(may ? "refuses" : "passes")
    expect(allows(claims, permission)).toBe(may)
  })
})

test.each<readonly [string, unknown]>([
  ["none", {}],
  ["null", { role: null }],
  ["a list that is none", { roles: "admin" }],
  ["inherited ones", Object.create({ role: "admin" })],
])("claims without a role may do nothing, and not its opposite: %s", async (_name, given) => {
  const claims = given as RoleClaims
  expect(await outcomeOf(can("product:read"), principalOf(claims))).toBe("refuses")
  expect(await outcomeOf(not(can("product:read")), principalOf(claims))).toBe("refuses")
  expect(allows(claims, "product:read")).toBe(false)
})

test("what is stated is read at once and is frozen", async () => {
  const actions = { product: ["read", "write"] }
  const roles = { store: { product: ["read"] }, guest: {} }
  const stated = permissions(actions, roles)
  roles.store.product.push("write")
  Object.assign(roles, { guest: { product: ["read"] } })
  actions.product.push("delete")
  expect(stated.allows({ role: "store" }, "product:write")).toBe(false)
  expect(stated.allows({ role: "guest" }, "product:read")).toBe(false)
  expect(() => stated.can("product:delete")).toThrow(TypeError)
  expect(() => Object.assign(stated, { allows: () => true })).toThrow(TypeError)
})

test("roles and things may have any name that is one, and then mean themselves", () => {
  const actions = JSON.parse('{ "__proto__": ["read"], "constructor": ["read"] }')
  const roles = JSON.parse('{ "__proto__": { "__proto__": "*" }, "toString": { "constructor": ["read"] } }')
  const stated = permissions<Record<string, readonly string[]>, string>(actions, roles)
  expect(stated.allows({ role: "__proto__" }, "__proto__:read")).toBe(true)
  expect(stated.allows({ role: "__proto__" }, "constructor:read")).toBe(false)
  expect(stated.allows({ role: "toString" }, "constructor:read")).toBe(true)
  expect(stated.allows({ role: "valueOf" }, "constructor:read")).toBe(false)
})

test("rules answer at once, in the host's words or in none, under their names", () => {
  const store = principalOf({ role: "store" })
  expect(can("product:write")(store, requestTo())).toBe(true)
  expect(can("order:refund")(store, requestTo())).toBe(false)
  expect(can("order:refund", "Ask an administrator")(store, requestTo())).toEqual({
    message: "Ask an administrator",
  })
  expect(can("order:refund").name).toBe('can("order:refund")')
  expect(hasRole(["admin", "store"], "Staff only").name).toBe('hasRole(["admin", "store"])')
})

test("its hasRole is hasRole, over the roles that were stated", async () => {
  expect(await outcomeOf(hasRole("admin"), principalOf({ role: "admin" }))).toBe("passes")
  expect(await outcomeOf(hasRole(["admin", "store"]), principalOf({ role: "customer" }))).toBe("refuses")
})

describe("refused when it is built", () => {
  type Loose = Record<string, readonly string[]>
  const loosely = (actions: unknown, roles: unknown) =>
    permissions<Loose, string>(actions as Loose, roles as Record<string, object>)
  const product = { product: ["read"] }

  test.each<readonly [string, () => unknown, RegExp]>([
    [
      "a permission that nobody stated",
      () => can("order:write" as "order:read"),
      /No permission "order:write" was stated\. There are: .*order:refund/,
    ],
    ["asking for all", () => can("order:*" as "order:read"), /No permission "order:\*"/],
    ["a permission of every object", () => can("constructor" as "order:read"), /No permission/],
    ["words that say nothing", () => can("order:read", ""), /Write "Members only"/],
    [
      "a role that nobody stated",
      () => hasRole("manager" as "admin"),
      /No role "manager" was stated\. There are: admin/,
    ],
    ["a role of every object", () => hasRole("constructor" as "admin"), /No role "constructor"/],
    ["no role", () => hasRole([]), /no role/],
    ["allows, misspelled", () => allows({ role: "admin" }, "order:wirte" as "order:read"), /No permission/],
    [
      "an action that is none",
      () => loosely(product, { a: { product: ["write"] } }),
      /a is given product:write/,
    ],
    ["a thing that is none", () => loosely(product, { a: { order: ["read"] } }), /a is given order:read/],
    ["all of a thing that is none", () => loosely(product, { a: { order: "*" } }), /a is given order:\*/],
    [
      "all of what every object has",
      () => loosely(product, { a: { constructor: "*" } }),
      /given constructor:\*/,
    ],
    ["all, in a list", () => loosely(product, { a: { product: ["*"] } }), /a is given product:\*/],
    ["a text for a list", () => loosely(product, { a: { product: "read" } }), /is given product:r|some\.map/],
    ["a thing with a colon", () => loosely({ "a:b": ["c"] }, {}), /"a:b" or "c" is no name/],
    ["an action with a colon", () => loosely({ a: ["b:c"] }, {}), /"a" or "b:c" is no name/],
    ["an action that is all", () => loosely({ a: ["*"] }, {}), /"a" or "\*" is no name/],
    ["an action without a name", () => loosely({ a: [""] }, {}), /is no name/],
  ])("%s", (_name, build, message) => {
    expect(build).toThrow(TypeError)
    expect(build).toThrow(message)
  })
})
