import { describe, expect, test } from "vitest"
import { ada, fixtureAuth } from "./fixture-auth.js"
import type { Host, Step } from "./host.js"
import { cookiesOf, get, pageOf, postForm, postJson, reasonOf, visit } from "./requests.js"

/** A store that is down is never "nobody" and never somebody. */
export function failingClosed(host: Host): void {
  describe("with every store down", () => {
    test("whoever presents a session hears 503, on guarded and open pages alike; a visitor is a visitor", async () => {
      const { auth, breakStores, faults, signedIn } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/open" },
        { use: "page", path: "/me", guard: true },
      ]
      const { send, errors } = await host.start(steps)
      const cookie = await signedIn()
      breakStores()
      for (const path of ["/open", "/me", "/none"]) {
        const reply = await send(get(path, { cookie }))
        expect([reply.status, reasonOf(reply), reply.headers.get("retry-after")]).toEqual([
          503,
          "unavailable",
          "1",
        ])
        expect(reply.headers.get("cache-control")).toBe("no-store")
        expect(cookiesOf(reply)).toBe("")
      }
      const browser = await send(visit("/me", { cookie }))
      expect([browser.status, browser.headers.get("content-type")]).toEqual([503, "text/html; charset=utf-8"])
      expect(faults).toHaveLength(4)
      expect(pageOf(await send(get("/open"))).userId).toBeNull()
      expect(errors).toEqual([])
    })

    test("nobody signs in, registers, or is told that they signed out", async () => {
      const { auth, breakStores, signedIn } = fixtureAuth()
      const { send } = await host.start([{ use: "mortise", auth }])
      const cookie = await signedIn()
      breakStores()
      for (const sent of [
        postJson("/auth/login", ada),
        postForm("/auth/login", ada),
        postJson("/auth/register", { ...ada, email: "bob@example.com" }),
        postJson("/auth/logout", {}, { cookie }),
        get("/auth/session", { cookie }),
      ]) {
        const reply = await send(sent)
        expect([sent.target, reply.status, cookiesOf(reply)]).toEqual([sent.target, 503, ""])
      }
    })

    test("a rule that asks a store is 503 too, and not the visitor's fault", async () => {
      const { auth, breakStores, signedIn } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        {
          use: "page",
          path: "/me",
          guard: async (principal) => {
            breakStores()
            return (await auth.sessions.list(principal.userId)).length > 0
          },
        },
      ]
      const { send, errors } = await host.start(steps)
      const reply = await send(get("/me", { cookie: await signedIn() }))
      expect([reply.status, reasonOf(reply)]).toEqual([503, "unavailable"])
      expect(errors).toEqual([])
    })
  })
}
