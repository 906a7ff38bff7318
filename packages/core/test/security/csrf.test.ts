import { describe, expect, test } from "vitest"
import { ada, app, appWithAda, signedIn } from "../app.js"

const hostile: readonly [string, Record<string, string>][] = [
  ["cross-site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["same-site", { "sec-fetch-site": "same-site", origin: "https://blog.example.com" }],
  ["opaque", { origin: "null" }],
  ["look-alike", { origin: "https://app.example.com.evil.example" }],
]

const unsafe = app().auth.routes.filter(({ method }) => method !== "GET")

describe.each(unsafe)("$method $path", ({ method, path }) => {
  test.each(hostile)("refuses a %s request, and nothing happens", async (_, headers) => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const [session] = await host.auth.sessions.list(host.user.id)
    const target = path.replace(":id", session?.id ?? "")
    const form = {
      ...ada,
      session: "all",
      current_password: ada.password,
      new_password: "evil evil evil evil",
    }
    for (const body of [{ form }, { json: form }, {}]) {
      const answer = await browser.send(method, target, { ...body, headers })
      expect(answer.status).toBe(403)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect((await answer.json()).reason).toBe("cross_origin")
    }
    expect((await (await browser.get("/auth/session")).json()).user).not.toBeNull()
    expect(host.events.filter((event) => event.type === "request.cross_origin")).toHaveLength(3)
  })

  test("takes JSON and forms only", async () => {
    const browser = app().browser()
    for (const type of [
      "text/plain",
      "multipart/form-data; boundary=x",
      "application/xml",
      "text/json",
      "application/jsonp",
    ]) {
      const answer = await browser.send(method, path.replace(":id", "x"), {
        json: ada,
        headers: { "content-type": type },
      })
      expect([type, answer.status]).toEqual([type, 415])
    }
  })

  test("takes 16 KiB and no more", async () => {
    const browser = app().browser()
    const answer = await browser.send(method, path.replace(":id", "x"), {
      json: { email: "x".repeat(20_000) },
    })
    expect(answer.status).toBe(413)
    expect(
      (await browser.send(method, path.replace(":id", "x"), { form: { a: "x".repeat(1_048_576) } })).status,
    ).toBe(413)
  })

  test.each(["{", "[]", "null", '"x"', "1", '{"email":1,"password":{}}', "\u0000"])(
    "survives the body %j",
    async (body) => {
      const browser = app().browser()
      const answer = await browser.send(method, path.replace(":id", "x"), {
        headers: { "content-type": "application/json" },
        raw: body,
      })
      expect([200, 400, 401]).toContain(answer.status)
      expect(answer.headers.getSetCookie().filter((cookie) => !cookie.includes("Max-Age=0"))).toEqual([])
    },
  )
})

describe("every route", () => {
  test("answers no-store, and has a place in these tables", async () => {
    const host = app()
    for (const { method, path } of host.auth.routes) {
      const answer = await host
        .browser()
        .send(method, path.replace(":id", "x"), method === "GET" ? {} : { json: {} })
      expect(answer.headers.get("cache-control")).toBe("no-store")
    }
    expect(host.auth.routes.map(({ name }) => name)).toEqual([
      "session",
      "logout",
      "sessions",
      "endSession",
      "endSessions",
      "register",
      "login",
      "changePassword",
    ])
  })

  test("forged hosts change nothing in any answer", async () => {
    const host = await appWithAda()
    const headers = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      forwarded: "host=evil.example",
    }
    for (const { method, path } of host.auth.routes) {
      const browser = await signedIn(host)
      const form = { ...ada, session: "others", current_password: "x", new_password: "y", return_to: "/x" }
      const answer = await browser.send(
        method,
        path.replace(":id", "x"),
        method === "GET" ? { headers } : { form, headers },
      )
      const text = `${JSON.stringify([...answer.headers])}${await answer.text()}`
      expect(text).not.toContain("evil.example")
      host.clock.advance(3_600_000)
    }
  })
})
