import { describe, expect, test } from "vitest"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import { ada, app, appWithAda, signedIn } from "../app.js"

const next = "a quite different phrase"

/** Every way to do something, as a browser that is signed in does it. A new route that is missing here fails the last test. */
const ways: Readonly<Record<string, readonly [method: string, path: string, json?: object]>> = {
  session: ["GET", "/auth/session"],
  logout: ["POST", "/auth/logout", {}],
  sessions: ["GET", "/auth/sessions"],
  endSession: ["DELETE", "/auth/sessions/:id"],
  endSessions: ["POST", "/auth/sessions/end", { session: "others" }],
  register: ["POST", "/auth/register", { email: "new@example.com", password: next }],
  login: ["POST", "/auth/login", ada],
  changePassword: ["POST", "/auth/password/change", { current_password: ada.password, new_password: next }],
}

async function run(name: string, fails: (call: StoreCall) => boolean, moment: "before" | "after") {
  const host = await appWithAda()
  const browser = await signedIn(host)
  const { watched, calls } = failingStores(host.stores, fails, { moment })
  const broken = app({ stores: watched, clock: host.clock })
  const [method, path, json] = ways[name] ?? ["GET", "/"]
  const id = browser.cookies.get("__Host-session")?.slice(0, 22) ?? ""
  const request = new Request(`https://app.example.com${path.replace(":id", id)}`, {
    method,
    headers: {
      cookie: browser.cookieHeader(),
      origin: "https://app.example.com",
      "content-type": "application/json",
    },
    ...(json ? { body: JSON.stringify(json) } : {}),
  })
  const answer = await broken.auth.handle(request, "192.0.2.1")
  return { host, broken, answer, calls }
}

describe.each(Object.keys(ways))("%s: every store call fails in turn", (name) => {
  test.each(["before", "after"] as const)(
    "%s it takes effect: 503, no cookie, no driver message",
    async (moment) => {
      let failed = 0
      for (let n = 1; ; n++) {
        const { answer, broken, calls } = await run(name, (call) => call.number === n, moment)
        if (calls.length < n) break
        failed++
        expect([n, answer.status]).toEqual([n, 503])
        expect(answer.headers.getSetCookie()).toEqual([])
        const text = await answer.text()
        expect(text).not.toMatch(/Injected|store/i)
        expect(JSON.parse(text)).toMatchObject({ reason: "unavailable", status: 503 })
        expect(broken.faults).toHaveLength(1)
      }
      expect(failed).toBeGreaterThan(0)
    },
  )
})

describe("guards", () => {
  test("no store, no principal: authenticate rejects, it does not answer nobody", async () => {
    const host = await appWithAda()
    const browser = await signedIn(host)
    const { watched } = failingStores(host.stores, () => true)
    const broken = app({ stores: watched, clock: host.clock })
    const incoming = {
      method: "GET",
      target: "/",
      header: (name: string) => (name === "cookie" ? browser.cookieHeader() : null),
    }
    await expect(broken.auth.authenticate(incoming)).rejects.toMatchObject({ code: "ERR_STORE" })
  })

  test("a listener that throws fails the request", async () => {
    const host = await appWithAda()
    const { createAuth, opaque } = await import("../../src/index.js")
    const { password } = await import("../../src/password.js")
    const auth = createAuth({
      origin: "https://app.example.com",
      secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
      stores: host.stores,
      sessions: opaque(),
      flows: { password: password({ hasher: host.hasher }) },
      clock: host.clock,
      on: () => {
        throw new Error("log is full")
      },
      onFault: () => {},
    })
    const request = new Request("https://app.example.com/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ada),
    })
    const answer = await auth.handle(request)
    expect(answer.status).toBe(500)
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})

test("every route is in the table", () => {
  expect(Object.keys(ways)).toEqual(app().auth.routes.map(({ name }) => name))
})
