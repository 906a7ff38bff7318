import { describe, expect, test } from "vitest"
import { ada, fixtureAuth } from "./fixture-auth.js"
import type { Host, Step } from "./host.js"
import { cookiesOf, get } from "./requests.js"

/** Other spellings of a path: its first letter stands for a segment, `{}` for the rest. */
const spellings: readonly (readonly [string, (path: string) => string])[] = [
  ["as it is", (path) => path],
  ["doubled slash in front", (path) => `/${path}`],
  ["doubled slash inside", (path) => path.replace(/(?<=.)\//, "//")],
  [
    "encoded letter",
    (path) => path.replace(/([a-z])(?=[^/]*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  ],
  [
    "letter encoded twice",
    (path) => path.replace(/([a-z])(?=[^/]*$)/, (letter) => `%25${letter.charCodeAt(0).toString(16)}`),
  ],
  ["encoded slash", (path) => path.replace(/(?<=.)\//, "%2F")],
  ["upper case", (path) => path.toUpperCase()],
  ["upper case last", (path) => path.replace(/[^/]+$/, (last) => last.toUpperCase())],
  ["trailing slash", (path) => `${path}/`],
  ["trailing dot", (path) => `${path}.`],
  ["trailing encoded dot", (path) => `${path}%2e`],
  ["trailing semicolon", (path) => `${path};`],
  ["path parameter", (path) => `${path};x=1`],
  ["path parameter inside", (path) => path.replace(/(?<=.)\//, ";x=1/")],
  ["dot segment", (path) => path.replace(/(?<=.)\//, "/./")],
  ["dot dot segment", (path) => `/x/..${path}`],
  ["encoded dot segment", (path) => path.replace(/(?<=.)\//, "/%2e/")],
  ["encoded dot dot segment", (path) => `/x/%2e%2e${path}`],
  ["trailing NUL", (path) => `${path}%00`],
  ["trailing space", (path) => `${path}%20`],
  ["backslash", (path) => path.replace(/(?<=.)\//, "\\")],
  ["dot dot by backslash", (path) => path.replace(/[^/]+$/, (last) => `x\\..\\${last}`)],
  ["bad encoding", (path) => `${path}%zz`],
  ["extension", (path) => `${path}.json`],
  ["fragment", (path) => `${path}#x`],
  ["query without a question mark", (path) => `${path}&x=1`],
  ["matrix of all", (path) => `/${path.toUpperCase()}/;x/./`],
]

/** A way around a check is a path that the check takes for another one and the router does not. */
export function paths(host: Host): void {
  describe("every spelling of a path meets the same guard, or nothing", () => {
    const guardedAlone = (path: string): Step => ({ use: "page", path, guard: true })

    test.each(spellings)("guarded pages: %s", async (_, spell) => {
      const { auth } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        guardedAlone("/team/list"),
        { use: "guard", at: "/part" },
        { use: "page", path: "/part/list" },
      ]
      const { send } = await host.start(steps)
      for (const path of ["/team/list", "/part/list"]) {
        for (const method of ["GET", "HEAD"]) {
          const reply = await send({ ...get(spell(path)), method })
          expect([400, 401, 404], `${method} ${spell(path)} answered ${reply.status}`).toContain(reply.status)
        }
      }
    })

    test.each(spellings)("the library's own routes: %s", async (_, spell) => {
      const { auth, signedIn, events } = fixtureAuth()
      const { send } = await host.start([{ use: "mortise", auth }])
      const cookie = await signedIn()
      const before = events.length
      const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site", cookie }
      const json = { ...foreign, "content-type": "application/json" }
      const login = await send({
        method: "POST",
        target: spell("/auth/login"),
        headers: json,
        body: JSON.stringify(ada),
      })
      expect([400, 403, 404]).toContain(login.status)
      expect(cookiesOf(login)).toBe("")
      const logout = await send({ method: "POST", target: spell("/auth/logout"), headers: foreign })
      expect([400, 403, 404]).toContain(logout.status)
      for (const method of ["GET", "HEAD"]) {
        const sessions = await send({ ...get(spell("/auth/sessions")), method })
        expect([400, 401, 404]).toContain(sessions.status)
      }
      const others = events.slice(before).filter((event) => event.type !== "request.cross_origin")
      expect(others).toEqual([])
      expect((await send(get("/auth/sessions", { cookie }))).status).toBe(200)
    })

    test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"])(
      "%s is no way to log in",
      async (method) => {
        if (method === "TRACE" && host.name.includes("app.request")) return
        const { auth, steps } = fixtureAuth()
        await steps.register(ada)
        const { send, errors } = await host.start([{ use: "mortise", auth }])
        const body =
          method === "GET" || method === "HEAD" || method === "TRACE" ? {} : { body: JSON.stringify(ada) }
        const headers = { "content-type": "application/json" }
        const reply = await send({ method, target: "/auth/login", headers, ...body })
        expect([404, 405]).toContain(reply.status)
        expect(cookiesOf(reply)).toBe("")
        expect(errors).toEqual([])
      },
    )

    test("a target with a scheme and a host in it is a path like any other, or nothing", async () => {
      const { auth } = fixtureAuth()
      const steps: Step[] = [{ use: "mortise", auth }, guardedAlone("/me")]
      const { send, port } = await host.start(steps)
      if (port === undefined) return
      const reply = await send({ target: "http://evil.example/me", headers: { accept: "text/html" } })
      expect([303, 404]).toContain(reply.status)
      expect(reply.headers.get("location") ?? "/sign-in").not.toContain("evil")
      const own = await send({ target: "http://evil.example/auth/session" })
      expect([200, 404]).toContain(own.status)
      expect(own.text).not.toContain("evil")
    })
  })
}
