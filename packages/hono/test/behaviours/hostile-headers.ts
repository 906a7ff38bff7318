import { describe, expect, test } from "vitest"
import { ada, fixtureAuth } from "./fixture-auth.js"
import type { Host, Step } from "./host.js"
import { cookiesOf, get, pageOf, postForm, postJson, visit } from "./requests.js"

const forged = {
  host: "evil.example",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "http",
  "x-forwarded-port": "666",
  "x-original-url": "/open",
  "x-rewrite-url": "/open",
  "x-http-method-override": "GET",
  forwarded: "for=203.0.113.9;host=evil.example;proto=http",
}

/** What a client may write, and what must not come of it. */
export function hostileHeaders(host: Host): void {
  describe("forged headers", () => {
    test("naming another host change no byte of any answer", async () => {
      const { auth, steps: flow } = fixtureAuth()
      await flow.register(ada)
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ]
      const { send } = await host.start(steps)
      for (const sent of [
        visit("/me"),
        get("/me"),
        postForm("/auth/login", { ...ada, password: "wrong" }),
        postForm("/auth/logout", {}),
        get("/auth/none"),
      ]) {
        const [honest, lied] = [
          await send(sent),
          await send({ ...sent, headers: { ...sent.headers, ...forged } }),
        ]
        const shown = [lied.status, lied.text, lied.headers.get("location"), lied.headers.getSetCookie()]
        expect(shown).toEqual([
          honest.status,
          honest.text,
          honest.headers.get("location"),
          honest.headers.getSetCookie(),
        ])
      }
      const login = await send(postJson("/auth/login", ada, forged))
      expect(login.headers.getSetCookie()[0]).toMatch(
        /^__Host-session=[\w.-]{66}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      )
    })

    test("naming another origin in Host do not make that origin one's own", async () => {
      const { auth } = fixtureAuth()
      const { send } = await host.start([{ use: "mortise", auth }])
      const headers = { ...forged, origin: "https://evil.example" }
      expect((await send(postJson("/auth/login", ada, headers))).status).toBe(403)
    })

    test("naming another address are not believed; the host's own option is", async () => {
      const lies = {
        "x-forwarded-for": "203.0.113.9",
        "x-real-ip": "203.0.113.9",
        "cf-connecting-ip": "203.0.113.9",
      }
      const { auth } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/open" },
      ]
      const plain = await host.start(steps)
      const expected = plain.port === undefined ? "" : "127.0.0.1"
      expect(pageOf(await plain.send(get("/open", lies))).address).toBe(expected)
      const told: Step[] = [
        { use: "mortise", auth, address: "198.51.100.7" },
        { use: "page", path: "/open" },
      ]
      const informed = await host.start(told)
      expect(pageOf(await informed.send(get("/open", lies))).address).toBe("198.51.100.7")
    })

    test("the address of a sign-in is that of the socket", async () => {
      const { auth, events, steps: flow } = fixtureAuth()
      await flow.register(ada)
      const { send, port } = await host.start([{ use: "mortise", auth }])
      await send(postJson("/auth/login", ada, { "x-forwarded-for": "203.0.113.9", "user-agent": "Test/1" }))
      const opened = events.find((event) => event.type === "session.opened")
      expect(opened).toMatchObject({ address: port === undefined ? "" : "127.0.0.1", userAgent: "Test/1" })
    })
  })

  describe("cookies", () => {
    const cases: readonly (readonly [string, (cookie: string) => string | string[], number])[] = [
      ["alone", (cookie) => cookie, 200],
      ["among others", (cookie) => `a=1; ${cookie}; b=2`, 200],
      ["among 8 kB of others", (cookie) => `a=${"x".repeat(8000)}; ${cookie}`, 200],
      ["in a header line of its own", (cookie) => ["a=1", cookie], 200],
      ["doubled", (cookie) => `${cookie}; ${cookie}`, 401],
      ["doubled in two header lines", (cookie) => [cookie, cookie], 401],
      ["shadowed by a planted one", (cookie) => `__Host-session=${"A".repeat(66)}; ${cookie}`, 401],
      ["quoted", (cookie) => cookie.replace(/=(.*)$/, '="$1"'), 401],
      ["in another case", (cookie) => cookie.toLowerCase(), 401],
      ["without the prefix", (cookie) => cookie.replace("__Host-", ""), 401],
      ["with another secret", (cookie) => `${cookie.slice(0, -43)}${"A".repeat(43)}`, 401],
      ["cut short", (cookie) => cookie.slice(0, -1), 401],
      ["with something after it", (cookie) => `${cookie}A`, 401],
      ["encoded", (cookie) => cookie.replace(".", "%2E"), 401],
      ["8 kB long", (cookie) => `${cookie}${"A".repeat(8000)}`, 401],
      ["nothing but separators", () => ";;=;=;;", 401],
      ["with bytes that are no ASCII", (cookie) => `\u00e9=\u00ff; ${cookie}`, 200],
    ]
    test.each(cases)("%s", async (_, spell, status) => {
      const { auth, signedIn } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ]
      const { send, port } = await host.start(steps)
      const cookie = spell(await signedIn())
      // Header lines are joined by the server; without one there is a single line.
      const sent = Array.isArray(cookie) && port === undefined ? cookie.join("; ") : cookie
      expect((await send(get("/me", { cookie: sent }))).status).toBe(status)
    })

    test("other headers that are doubled or odd are no fault", async () => {
      const { auth, faults } = fixtureAuth()
      const steps: Step[] = [
        { use: "mortise", auth },
        { use: "page", path: "/me", guard: true },
      ]
      const { send, errors } = await host.start(steps)
      const headers = { accept: ["text/html", "*/*"], origin: ["https://a.example", "https://b.example"] }
      expect((await send({ target: "/me", headers })).status).toBe(303)
      const set = {
        "set-cookie": ["a=1", "b=2"],
        "x-forwarded-for": ["1", "2"],
        constructor: "x",
        "x-y": "\u00ff",
      }
      expect((await send(get("/auth/session", set))).status).toBe(200)
      const twice = { "content-type": "application/json", ...headers }
      expect((await send({ ...postJson("/auth/login", ada), headers: twice })).status).toBe(403)
      expect(cookiesOf(await send(postJson("/auth/login", {}, { "content-type": "\u00ff" })))).toBe("")
      expect([faults, errors]).toEqual([[], []])
    })
  })
}
