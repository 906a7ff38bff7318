import { describe, expect, test } from "vitest"
import { ConfigError } from "../../src/errors.js"
import { route } from "../../src/http/route.js"
import { routeTable } from "../../src/http/route-table.js"

const grant = async () => ({ ok: true, json: {}, page: "home" }) as const
const routes = [
  route({ name: "session", method: "GET", path: "session", refusedPage: "signIn", step: grant }),
  route({ name: "login", method: "POST", path: "login", refusedPage: "signIn", step: grant }),
  route({ name: "endSession", method: "DELETE", path: "sessions/:id", refusedPage: "devices", step: grant }),
]
const table = routeTable(routes, "/auth", {})

function answer(method: string, path: string): string {
  const match = table.match(method, path)
  return "ok" in match ? match.reason : `${match.route.name} ${JSON.stringify(match.params)}`
}

describe("an address has one spelling", () => {
  test.each([
    ["GET", "/auth/session", "session {}"],
    ["HEAD", "/auth/session", "session {}"],
    ["POST", "/auth/login", "login {}"],
    ["DELETE", "/auth/sessions/abc", 'endSession {"id":"abc"}'],
    ["GET", "/auth/login", "method_not_allowed"],
    ["get", "/auth/session", "method_not_allowed"],
    ["POST", "/auth/sessions/abc", "method_not_allowed"],
    ["OPTIONS", "/auth/login", "method_not_allowed"],
  ])("%s %s → %s", (method, path, expected) => expect(answer(method, path)).toBe(expected))

  test.each([
    "/auth",
    "/auth/",
    "/auth//login",
    "//auth/login",
    "/auth/login/",
    "/auth/login.",
    "/auth/login;x=1",
    "/auth/LOGIN",
    "/Auth/login",
    "/auth/%6Cogin",
    "/auth%2Flogin",
    "/auth/./login",
    "/auth/x/../login",
    "/auth/login%00",
    "/auth/login%20",
    "/auth/sessions/",
    "/auth/sessions//",
    "/auth/sessions/a/b",
    "/authx/login",
    "/login",
  ])("%s is not found", (path) => {
    for (const method of ["GET", "POST", "DELETE", "HEAD"]) expect(answer(method, path)).toBe("not_found")
  })

  test("it owns its addresses and everything below the base path, nothing beside it", () => {
    for (const path of ["/auth", "/auth/", "/auth/login", "/auth/nothing"])
      expect(table.owns(path)).toBe(true)
    for (const path of ["/", "/authx", "/workspace", "/Auth/login"]) expect(table.owns(path)).toBe(false)
  })
})

describe("renaming", () => {
  test("below the base path, or from the root", () => {
    const renamed = routeTable(routes, "/auth", { login: "/api/v1/login", session: "me" })
    expect(renamed.match("POST", "/api/v1/login")).toMatchObject({ route: { name: "login" } })
    expect(renamed.match("GET", "/auth/me")).toMatchObject({ route: { name: "session" } })
    expect(renamed.owns("/api/v1/login")).toBe(true)
    expect(renamed.match("POST", "/auth/login")).toMatchObject({ reason: "not_found" })
  })
  test.each<[string, string, Record<string, string>, RegExp]>([
    ["an unknown name", "/auth", { signin: "x" }, /one of session, login, endSession/],
    ["a base path without slash", "auth", {}, /Write "\/auth"/],
    ["a base path with a trailing slash", "/auth/", {}, /Write "\/auth"/],
    ["a query", "/auth", { login: "login?x=1" }, /Write "\/auth"/],
  ])("%s is refused", (_, base, paths, message) => {
    expect(() => routeTable(routes, base, paths)).toThrow(ConfigError)
    expect(() => routeTable(routes, base, paths)).toThrow(message)
  })
  test("two routes with one address are refused", () => {
    const other = route({ name: "other", method: "POST", path: "other", refusedPage: "signIn", step: grant })
    expect(() => routeTable([...routes, other], "/auth", { other: "login" })).toThrow(/another path/)
  })
})
