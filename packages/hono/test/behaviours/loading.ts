import type { Auth } from "@mortise/core"
import { jwt } from "@mortise/core/jwt"
import { describe, expect, test } from "vitest"
import { ada, fixtureAuth } from "./fixture-auth.js"
import type { Host, Step } from "./host.js"
import { cookiesOf, get, pageOf, postJson } from "./requests.js"

/** How often, from which realm, and with what around it a session is loaded. */
export function loading(host: Host): void {
  describe("loading the session", () => {
    test("takes one store call, however often mortise() and guards stand in the way", async () => {
      const { auth, calls, signedIn } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "mortise", auth },
        { use: "mortise", auth, at: "/team" },
        { use: "guard", at: "/team", rule: () => true },
        { use: "guard", at: "/team" },
        { use: "page", path: "/team/list", guard: true },
      ]
      const { send } = await host.start(steps)
      const cookie = await signedIn()
      const before = calls.length
      expect((await send(get("/team/list", { cookie }))).status).toBe(200)
      expect(calls.slice(before).map((call) => `${call.slot}.${call.method}`)).toEqual(["sessions.find"])
      expect((await send(get("/team/list"))).status).toBe(401)
      // Without a cookie there is no session to look for.
      expect(calls.slice(before).filter((call) => call.slot === "sessions")).toHaveLength(1)
    })

    test("of the library's own routes is the route's own: nothing is read twice", async () => {
      const { auth, calls, signedIn } = fixtureAuth()
      const { send } = await host.start([{ use: "mortise", auth }])
      const cookie = await signedIn()
      const before = calls.length
      await send(get("/auth/session", { cookie }))
      expect(calls.slice(before).map((call) => call.method)).toEqual(["find"])
    })

    const store = (): ReturnType<typeof fixtureAuth> => fixtureAuth({ realm: "store" })
    const admin = (): ReturnType<typeof fixtureAuth> =>
      fixtureAuth({ realm: "admin", basePath: "/admin/auth" })

    test.each(["outer first", "inner first"])("of two realms, the innermost counts: %s", async (order) => {
      const shop = store()
      const back = admin()
      const mounts: Step[] = [
        { use: "mortise", auth: shop.auth },
        { use: "mortise", auth: back.auth, at: "/admin" },
      ]
      if (order === "inner first") mounts.reverse()
      const steps: Step[] = [
        ...mounts,
        { use: "page", path: "/cart", guard: true },
        { use: "page", path: "/admin/open" },
        { use: "page", path: "/admin/stats", guard: true },
      ]
      const { send } = await host.start(steps)
      const customer = await shop.signedIn()
      const clerk = await back.signedIn()
      expect(pageOf(await send(get("/cart", { cookie: customer })))).toMatchObject({ realm: "store" })
      expect((await send(get("/cart", { cookie: clerk }))).status).toBe(401)
      expect((await send(get("/admin/stats", { cookie: customer }))).status).toBe(401)
      expect(pageOf(await send(get("/admin/open", { cookie: customer })))).toMatchObject({ realm: null })
      const both = `${customer}; ${clerk}`
      expect(pageOf(await send(get("/admin/stats", { cookie: both })))).toMatchObject({ realm: "admin" })
      expect(pageOf(await send(get("/cart", { cookie: both })))).toMatchObject({ realm: "store" })
      const moved = clerk.replace("admin-session", "store-session")
      expect((await send(get("/cart", { cookie: moved }))).status).toBe(401)
    })

    test("each realm answers its own routes", async () => {
      const shop = store()
      const back = admin()
      await back.steps.register(ada)
      const steps: Step[] = [
        { use: "mortise", auth: shop.auth },
        { use: "mortise", auth: back.auth },
      ]
      const { send } = await host.start(steps)
      expect((await send(postJson("/auth/login", ada))).status).toBe(401)
      expect(cookiesOf(await send(postJson("/admin/auth/login", ada)))).toMatch(/^__Host-admin-session=/)
    })

    test("its cookies are sent on whatever answers, beside those of the host", async () => {
      const { auth } = fixtureAuth()
      const renewing: Auth = {
        ...auth,
        authenticate: async () => ({
          principal: undefined,
          setCookie: ["first=1; Path=/", "second=2; Path=/"],
        }),
      }
      const steps: Step[] = [
        { use: "host-headers" },
        { use: "mortise", auth: renewing },
        { use: "mortise", auth: renewing },
        { use: "page", path: "/open" },
        { use: "page", path: "/me", guard: true },
      ]
      const { send } = await host.start(steps)
      for (const path of ["/open", "/me", "/none"]) {
        const cookies = cookiesOf(await send(get(path)))
        expect(cookies.split("; ").sort()).toEqual(["first=1", "lang=de", "second=2", "theme=dark"])
      }
    })

    test("a token in its grace period: the request is answered, and the browser gets the next one", async () => {
      let now = Date.UTC(2026, 10, 20)
      const sessions = jwt({ lifetime: "10m", grace: "5m" })
      const { auth, signedIn } = fixtureAuth({ sessions, clock: () => now })
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ]
      const { send } = await host.start(steps)
      const cookie = await signedIn()
      expect(cookiesOf(await send(get("/me", { cookie })))).toBe("")

      now += 10 * 60_000
      const renewed = await send(get("/me", { cookie }))
      expect(pageOf(renewed)).toMatchObject({ realm: "default" })
      expect(renewed.headers.get("cache-control")).toBe("no-store")
      const next = cookiesOf(renewed)
      expect([next === cookie, next.startsWith("__Host-session=ey")]).toEqual([false, true])
      // A request that was under way with the old one gets the same.
      expect(cookiesOf(await send(get("/me", { cookie })))).toBe(next)

      now += 5 * 60_000
      expect((await send(get("/me", { cookie }))).status).toBe(401)
      expect((await send(get("/me", { cookie: next }))).status).toBe(200)
    })

    test("answers of the library keep the host's cookies, and are never cacheable whatever the host set before", async () => {
      const { auth, steps: flow } = fixtureAuth()
      await flow.register(ada)
      const steps: Step[] = [
        { use: "host-headers" },
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ]
      const { send } = await host.start(steps)
      const login = await send(postJson("/auth/login", ada))
      const names = cookiesOf(login)
        .split("; ")
        .map((cookie) => cookie.split("=", 1)[0])
      expect(names.sort()).toEqual(["__Host-session", "lang", "theme"])
      expect(login.headers.get("cache-control")).toBe("no-store")
      const refused = await send(get("/me"))
      expect(refused.headers.get("cache-control")).toBe("no-store")
      expect(cookiesOf(refused)).toBe("theme=dark; lang=de")
    })
  })
}
