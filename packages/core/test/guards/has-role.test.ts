import { describe, expect, test } from "vitest"
import { hasRole, not, type RoleClaims } from "../../src/guard.js"
import { outcomeOf, principalOf, requestTo } from "./asking.js"

const list = ["admin", "support"]

describe.each<readonly [string, unknown, boolean]>([
  ["the role", { role: "admin" }, true],
  ["the role in a list", { roles: ["store", "admin"] }, true],
  ["the role beside an empty list", { role: "admin", roles: [] }, true],
  ["the role in the list, beside another", { role: "store", roles: ["admin"] }, true],
  ["another role", { role: "store" }, false],
  ["an empty list", { roles: [] }, false],
  ["a role that is empty", { role: "" }, false],
  ["another case", { role: "Admin" }, false],
  ["a blank after it", { role: "admin " }, false],
  ["more than the role", { role: "administrator" }, false],
  ["several in one text", { role: "store,admin" }, false],
  ["letters that look alike", { role: "аdmin" }, false],
  ["the name of a method", { role: "constructor" }, false],
])("claims that say %s", (_name, claims, has) => {
  const principal = principalOf(claims as RoleClaims)

  test("hasRole", async () => {
    expect(await outcomeOf(hasRole("admin"), principal)).toBe(has ? "passes" : "refuses")
    expect(await outcomeOf(hasRole(["admin", "support"]), principal)).toBe(has ? "passes" : "refuses")
  })

  test("not hasRole", async () => {
    expect(await outcomeOf(not(hasRole("admin")), principal)).toBe(has ? "refuses" : "passes")
  })
})

describe.each<readonly [string, unknown]>([
  ["nothing", {}],
  ["no role", { role: undefined }],
  ["null", { role: null }],
  ["a number", { role: 1 }],
  ["true", { role: true }],
  ["a list as the role", { role: ["admin"] }],
  ["an object with the role", { role: { admin: true } }],
  ["a text as the list", { roles: "admin" }],
  ["an object as the list", { roles: { 0: "admin", length: 1 } }],
  ["null as the list", { roles: null }],
  ["a list with a number in it", { roles: ["admin", 1] }],
  ["a list with a hole", { roles: ["admin", undefined] }],
  ["the role, and a list that is none", { role: "admin", roles: "store" }],
  ["a list with the role, and a role that is none", { role: 0, roles: ["admin"] }],
  ["a role that is not its own", Object.create({ role: "admin" })],
  ["a list that is not its own", Object.create({ roles: ["admin"] })],
  ["a role by another name", { Role: "admin" }],
])("claims that say %s refuse either way", (_name, claims) => {
  test.each([hasRole("admin"), not(hasRole("admin")), hasRole(["admin", "support"]), not(hasRole("nobody"))])(
    "$name",
    async (rule) => {
      expect(await outcomeOf(rule, principalOf(claims as RoleClaims))).toBe("refuses")
    },
  )
})

test("a polluted prototype gives nobody a role", async () => {
  Object.defineProperty(Object.prototype, "role", { value: "admin", configurable: true })
  try {
    const claims = { email: "eve@example.com" } as unknown as RoleClaims
    expect(await outcomeOf(hasRole("admin"), principalOf(claims))).toBe("refuses")
  } finally {
    Reflect.deleteProperty(Object.prototype, "role")
  }
})

test("it answers at once, in the host's words or in none", () => {
  const store = principalOf({ role: "store" })
  expect(hasRole("store")(store, requestTo())).toBe(true)
  expect(hasRole("admin")(store, requestTo())).toBe(false)
  expect(hasRole("admin", "Admin privileges required")(store, requestTo())).toEqual({
    message: "Admin privileges required",
  })
  expect(hasRole("admin", { reason: "admins_only", status: 404 })(store, requestTo())).toEqual({
    reason: "admins_only",
    status: 404,
  })
})

test("a list that changes later changes no rule", async () => {
  const roles = [...list]
  const rule = hasRole(roles)
  roles.push("store")
  expect(await outcomeOf(rule, principalOf({ role: "store" }))).toBe("refuses")
})

test.each([
  [hasRole("admin"), 'hasRole("admin")'],
  [hasRole(["admin"]), 'hasRole("admin")'],
  [hasRole(list), 'hasRole(["admin", "support"])'],
  [hasRole("admin", "Admins only"), 'hasRole("admin")'],
  [not(hasRole("admin"), "No admins"), 'not(hasRole("admin"))'],
  [hasRole('a"b\n'), 'hasRole("a\\"b\\n")'],
])("it is called $name", (rule, name) => {
  expect(rule.name).toBe(name)
})

test.each<readonly [string, unknown]>([
  ["no role", undefined],
  ["null", null],
  ["an empty text", ""],
  ["an empty list", []],
  ["a list with an empty text", ["admin", ""]],
  ["a list with a number", ["admin", 1]],
  ["a principal: the rule itself was not built", principalOf({ role: "admin" })],
])("refused when it is built: %s", (_name, roles) => {
  expect(() => hasRole(roles as string)).toThrow(TypeError)
  expect(() => hasRole(roles as string)).toThrow(/Write hasRole\("admin"\)/)
})

test("a rule that was named and not built refuses", async () => {
  const unbuilt = hasRole as unknown as ReturnType<typeof hasRole>
  expect(await outcomeOf(unbuilt, principalOf({ role: "admin" }))).toBe("refuses")
  expect(await outcomeOf(not(unbuilt), principalOf({ role: "admin" }))).toBe("refuses")
})
