import type { Rule } from "@mortise/core"
import { describe, expect, test } from "vitest"
import { fixtureAuth } from "./fixture-auth.js"
import type { Host, Step } from "./host.js"
import { get, pageOf, postForm, reasonOf, visit } from "./requests.js"

const refused = { status: 403, reason: "forbidden" }

const rules: readonly (readonly [string, Rule, { status: number; reason?: string; detail?: string }])[] = [
  ["true", () => true, { status: 200 }],
  ["true, later", async () => true, { status: 200 }],
  ["true of the host's claims", (principal) => principal.claims["isSponsor"] === true, { status: 200 }],
  [
    "true of the request",
    (_, request) => request.target === "/me?a=1" && request.method === "GET",
    { status: 200 },
  ],
  ["true of a header", (_, request) => request.header("x-beta") === "yes", { status: 200 }],
  ["false", () => false, refused],
  ["a message", () => ({ message: "Sponsors only." }), { ...refused, detail: "Sponsors only." }],
  [
    "an exception",
    () => {
      throw new TypeError("secret detail")
    },
    refused,
  ],
  ["a rejection", () => Promise.reject(new Error("secret detail")), refused],
  ["a rejection that is no error", () => Promise.reject("secret detail"), refused],
  ["a word instead of true", (() => "yes") as unknown as Rule, refused],
  ["1 instead of true", (() => 1) as unknown as Rule, refused],
  ["nothing at all", (() => undefined) as unknown as Rule, refused],
  ["null", (() => null) as unknown as Rule, refused],
]

/** `requireSession()`, in front of one route and in front of a part of the host. */
export function guarding(host: Host): void {
  describe("a guard", () => {
    test("tells a script 401 as problem details, and a browser the way to sign in", async () => {
      const { auth } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ]
      const { send } = await host.start(steps)
      const script = await send(get("/me"))
      expect(script.status).toBe(401)
      expect(script.headers.get("content-type")).toBe("application/problem+json")
      expect(script.headers.get("www-authenticate")).toBe('Cookie realm="default"')
      expect(script.headers.get("cache-control")).toBe("no-store")
      expect(reasonOf(script)).toBe("not_signed_in")

      const browser = await send(visit("/me?a=1&b=%2F"))
      expect(browser.status).toBe(303)
      expect(browser.headers.get("location")).toBe("/sign-in?return_to=%2Fme%3Fa%3D1%26b%3D%252F")
      expect(browser.headers.get("cache-control")).toBe("no-store")
    })

    test.each(rules)("whose rule answers %s", async (_, rule, expected) => {
      const { auth, signedIn } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: rule },
      ]
      const { send, errors } = await host.start(steps)
      const cookie = await signedIn()
      const reply = await send(get("/me?a=1", { cookie, "x-beta": "yes" }))
      const { status, ...problem } = expected
      expect(reply.status).toBe(status)
      if (status !== 200) expect(JSON.parse(reply.text)).toMatchObject(problem)
      expect(reply.text).not.toContain("secret detail")
      expect((await send(get("/me?a=1", { "x-beta": "yes" }))).status).toBe(401)
      expect(errors).toEqual([])
    })

    test("before a part of the host covers every route in it, and none outside", async () => {
      const { auth, signedIn } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/open" },
        { use: "guard", at: "/team", rule: (principal) => principal.claims["isSponsor"] === true },
        { use: "page", path: "/team" },
        { use: "page", path: "/team/list" },
      ]
      const { send } = await host.start(steps)
      const cookie = await signedIn()
      for (const path of ["/team", "/team/list", "/team/none"])
        expect((await send(get(path))).status).toBe(401)
      for (const path of ["/team", "/team/list"]) expect((await send(get(path, { cookie }))).status).toBe(200)
      expect((await send(get("/team/none", { cookie }))).status).toBe(404)
      expect(pageOf(await send(get("/open")))).toMatchObject({ userId: null, realm: null })
    })

    test.each([
      ["undefined", undefined],
      ["null", null],
      ["false", false],
      ["the name of a role", "admin"],
    ])("whose rule is no function but %s is refused when the host is built", async (_, rule) => {
      const { auth } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "guard", at: "/team", rule: rule as unknown as Rule },
      ]
      await expect(async () => host.start(steps)).rejects.toThrow("requireSession(rule): no function.")
    })

    test("refuses what another site makes a signed-in browser send", async () => {
      const { auth, signedIn } = fixtureAuth()
      const { send } = await host.start([
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ])
      const cookie = await signedIn()
      for (const [site, status] of [
        ["cross-site", 403],
        ["same-site", 403],
        ["same-origin", 200],
      ] as const) {
        expect((await send(postForm("/me", {}, { cookie, "sec-fetch-site": site }))).status).toBe(status)
      }
    })

    test("without mortise() before it is the host's error, which says what to write", async () => {
      const { send, errors } = await host.start([{ use: "page", path: "/me", guard: true }])
      expect((await send(get("/me"))).status).toBe(500)
      expect(errors.map((error) => error.message)).toEqual([
        "requireSession() found no mortise() before it. Write app.use(mortise(auth)) above this route.",
      ])
    })

    test("is passed by HEAD exactly as by GET, and neither answer has a body for HEAD", async () => {
      const { auth, signedIn } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ]
      const { send } = await host.start(steps)
      const cookie = await signedIn()
      for (const target of ["/me", "/auth/sessions"]) {
        const without = await send({ ...get(target), method: "HEAD" })
        expect([without.status, without.text]).toEqual([401, ""])
        const within = await send({ ...get(target, { cookie }), method: "HEAD" })
        expect([within.status, within.text]).toEqual([200, ""])
      }
      const browser = await send({ ...visit("/me"), method: "HEAD" })
      expect([browser.status, browser.text]).toEqual([303, ""])
    })
  })
}
