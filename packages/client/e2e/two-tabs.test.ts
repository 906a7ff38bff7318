/** Two tabs of one window, of which one is looked at. */
import type { BrowserContext } from "playwright-core"
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { ada, type RealHost, startHost } from "../test/real-host.js"
import { openTab, openWindow, pass, type Tab } from "./browsers.js"
import { bundled, putPage } from "./pages/bundle.js"

let script = ""
beforeAll(async () => {
  script = await bundled("plain")
})

let host: RealHost
let context: BrowserContext
let a: Tab
let b: Tab
beforeEach(async () => {
  host = await startHost()
  putPage(host, "/plain", script)
  context = await openWindow(host)
})
afterEach(() => host.close())

/** Two tabs; the second is looked at. */
async function openTwo(): Promise<void> {
  a = await openTab(host, context)
  await a.shows("signed_out")
  b = await openTab(host, context)
  await b.shows("signed_out")
  expect(await a.page.evaluate(() => document.visibilityState)).toBe("hidden")
}

const signIn = (tab: Tab) => tab.page.evaluate((account) => window.client.login(account), ada)
const signOut = (tab: Tab) => tab.page.evaluate(() => window.client.logout())

describe.each(["BroadcastChannel", "storage"])("by %s", (means) => {
  beforeEach(async () => {
    if (means === "storage") await context.addInitScript("delete window.BroadcastChannel")
  })

  test("a sign-in in one tab arrives in the other without a reload or a request, and a sign-out comes back", async () => {
    await openTwo()
    const before = a.asked.length
    expect(await signIn(b)).toMatchObject({ ok: true })
    await a.shows(`signed_in ${ada.email}`)
    expect(a.asked.length).toBe(before)
    await a.page.bringToFront()
    expect(await signOut(a)).toEqual({ ok: true })
    await b.shows("signed_out")
    expect(await a.page.evaluate(() => localStorage.length)).toBe(0)
  })
})

test("a sign-in by a form, after which the page loads anew, arrives too", async () => {
  await openTwo()
  await b.page.evaluate((account) => {
    const form = document.body.appendChild(document.createElement("form"))
    Object.assign(form, { method: "post", action: "/auth/login" })
    for (const [name, value] of Object.entries({ ...account, return_to: "/plain" })) {
      form.append(Object.assign(document.createElement("input"), { name, value, type: "hidden" }))
    }
    form.submit()
  }, ada)
  await b.shows(`signed_in ${ada.email}`)
  await a.shows(`signed_in ${ada.email}`)
  expect(a.asked).toEqual(["GET /auth/session"])
})

test("a session that the server hands in with its page arrives in a tab that is looked at later", async () => {
  putPage(host, "/handed", script, async (request) => {
    const { principal } = await host.auth.authenticate({
      method: "GET",
      target: "/handed",
      header: (name) => request.headers.get(name),
    })
    return { handed: principal ?? null }
  })
  await openTwo()
  const account = { ...ada, return_to: "/handed" }
  const response = await context.request.post(`${host.url}/auth/login`, { data: account })
  expect(response.status()).toBe(200)
  await b.page.goto(`${host.url}/handed`)
  await b.shows(`signed_in ${ada.email}`)
  expect(b.asked).toEqual(["GET /auth/session"])
  expect(a.asked).toEqual(["GET /auth/session"])
  await a.page.bringToFront()
  await a.shows(`signed_in ${ada.email}`)
  expect(a.asked).toEqual(["GET /auth/session", "GET /auth/session"])
})

test("a hidden tab asks for nothing, whatever happens, until somebody looks at it", async () => {
  await openTwo()
  await signIn(b)
  await a.shows("signed_in")
  await pass(host, context, 23 * 3_600_000)
  await a.page.evaluate(() => dispatchEvent(new Event("online")))
  await pass(host, context, 2 * 3_600_000)
  // The one that is looked at hears that it is over, and says so.
  await a.shows("signed_out")
  expect(a.asked).toEqual(["GET /auth/session"])
})

test("a tab that is opened in the background asks when somebody looks at it first", async () => {
  await openTwo()
  const browser = await context.browser()?.newBrowserCDPSession()
  const [opened] = await Promise.all([
    context.waitForEvent("page"),
    browser?.send("Target.createTarget", { url: `${host.url}/plain`, background: true }),
  ])
  const asked: string[] = []
  opened.on("request", (request) => asked.push(new URL(request.url()).pathname))
  await opened.getByText("loading").waitFor({ state: "attached" })
  expect(await opened.evaluate(() => document.visibilityState)).toBe("hidden")
  expect(asked).not.toContain("/auth/session")
  await opened.bringToFront()
  await opened.getByText("signed_out").waitFor({ state: "attached" })
  expect(asked.filter((path) => path === "/auth/session")).toHaveLength(1)
})

test("to look at a stale tab asks once, to look at a fresh one asks nothing", async () => {
  await openTwo()
  // Stale after a minute. The pages' clocks run on by themselves while a busy machine opens tabs, so it is far from both edges.
  await pass(host, context, 30_000)
  await a.page.bringToFront()
  await a.page.waitForFunction(() => !document.hidden)
  expect(a.asked).toEqual(["GET /auth/session"])
  await b.page.bringToFront()
  await pass(host, context, 31_000)
  const response = await context.request.post(`${host.url}/auth/login`, { data: ada })
  expect(response.status()).toBe(200)
  await a.page.bringToFront()
  await a.shows("signed_in")
  // Both visibilitychange and focus came.
  await a.page.evaluate(() => dispatchEvent(new Event("focus")))
  expect(a.asked).toEqual(["GET /auth/session", "GET /auth/session"])
  // The other tab has heard it, and need not ask.
  await b.page.bringToFront()
  await b.shows("signed_in")
  expect(b.asked).toEqual(["GET /auth/session"])
})

test("a cookie that the browser does not keep is reported as that", async () => {
  // A proxy that writes another domain into cookies.
  host.front = async (request) => {
    const answer = await host.auth.handle(request, "192.0.2.1")
    const [cookie] = answer.headers.getSetCookie()
    if (cookie) answer.headers.set("set-cookie", `${cookie}; Domain=example.com`)
    return answer
  }
  a = await openTab(host, context)
  await a.shows("signed_out")
  expect(await signIn(a)).toMatchObject({ ok: false, reason: "cookie_not_kept" })
  await a.shows("signed_out")
})
