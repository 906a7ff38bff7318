/** Twenty tabs, all of them looked at and used. */
import { opaque } from "@mortise/core"
import { jwt } from "@mortise/core/jwt"
import type { BrowserContext } from "playwright-core"
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { ada, type RealHost, startHost } from "../test/real-host.js"
import { openTab, openWindows, pass, soon, type Tab } from "./browsers.js"
import { bundled, putPage } from "./pages/bundle.js"

let script = ""
beforeAll(async () => {
  script = await bundled("plain")
})

let host: RealHost
let context: BrowserContext
afterEach(() => host.close())

const hour = 3_600_000

async function openTabs(count: number): Promise<readonly Tab[]> {
  putPage(host, "/plain", script)
  context = await openWindows(host)
  const response = await context.request.post(`${host.url}/auth/login`, { data: ada })
  expect(response.status()).toBe(200)
  const tabs: Tab[] = []
  for (let index = 0; index < count; index++) tabs.push(await openTab(host, context))
  for (const tab of tabs) await tab.shows("signed_in")
  expect(refreshes()).toBe(0)
  return tabs
}

const refreshes = (): number => host.asked.filter((request) => request === "POST /auth/refresh").length
const actIn = (tabs: readonly Tab[]): Promise<unknown> =>
  Promise.all(tabs.map(({ page }) => page.mouse.move(Math.random() * 200, Math.random() * 200)))
const endsOf = (tabs: readonly Tab[]): Promise<readonly number[]> =>
  Promise.all(tabs.map(({ page }) => page.evaluate(() => window.client.get().session?.expiresAt ?? 0)))

describe.each([
  ["jwt", () => jwt({ lifetime: "10h" })],
  ["opaque", () => opaque({ idle: "10h", absolute: "30d" })],
])("%s", (_, sessions) => {
  beforeEach(async () => {
    host = await startHost({ sessions: sessions() })
  })

  test("that are due at the same time are renewed by one, and all know", async () => {
    const tabs = await openTabs(20)
    const [before = 0] = await endsOf(tabs)
    await actIn(tabs)
    await pass(host, context, 9.5 * hour)
    await soon(async () => Math.min(...(await endsOf(tabs)))).toBeGreaterThan(before)
    expect(new Set(await endsOf(tabs)).size).toBe(1)
    expect(refreshes()).toBe(1)
    // None of them comes later, and does it again.
    await pass(host, context, 60_000)
    await actIn(tabs)
    expect(refreshes()).toBe(1)
  })
})

test("that are reloaded at once, late in the session's life, renew once, and read once each", async () => {
  host = await startHost({ sessions: jwt({ lifetime: "10h" }) })
  const tabs = await openTabs(20)
  const [before = 0] = await endsOf(tabs)
  host.clock.advance(9.6 * hour)
  await context.clock.setSystemTime(host.clock())
  host.asked.length = 0
  await Promise.all(tabs.map(({ page }) => page.reload()))
  await actIn(tabs)
  await soon(async () => Math.min(...(await endsOf(tabs)))).toBeGreaterThan(before)
  expect(refreshes()).toBe(1)
  expect(host.asked.filter((request) => request === "GET /auth/session").length).toBeLessThanOrEqual(20)
})

test("in a browser without locks are renewed by one as well", async () => {
  host = await startHost({ sessions: jwt({ lifetime: "10h" }) })
  putPage(host, "/plain", script)
  context = await openWindows(host)
  await context.addInitScript("Object.defineProperty(navigator, 'locks', { value: undefined })")
  await context.request.post(`${host.url}/auth/login`, { data: ada })
  const tabs = [await openTab(host, context), await openTab(host, context), await openTab(host, context)]
  for (const tab of tabs) await tab.shows("signed_in")
  const [before = 0] = await endsOf(tabs)
  // Their turns: chance makes them so, here they are given.
  for (const [index, { page }] of tabs.entries())
    await page.evaluate((at) => (Math.random = () => at), index / 3)
  await actIn(tabs)
  await pass(host, context, 9.5 * hour)
  await soon(async () => Math.min(...(await endsOf(tabs)))).toBeGreaterThan(before)
  await pass(host, context, 2_000)
  expect(refreshes()).toBe(1)
})

test("of which one is closed while it renews: another does it", async () => {
  host = await startHost({ sessions: jwt({ lifetime: "10h" }) })
  const tabs = await openTabs(3)
  const [before = 0] = await endsOf(tabs)
  let closed: Tab | undefined
  host.front = async ({ url }) => {
    if (!url.endsWith("/refresh") || closed) return undefined
    const asking = (): Tab | undefined => tabs.find(({ asked }) => asked.includes("POST /auth/refresh"))
    await soon(asking).toBeDefined()
    closed = asking()
    await closed?.page.close()
    return new Response("", { status: 503 })
  }
  await actIn(tabs)
  await pass(host, context, 9.5 * hour).catch(() => undefined)
  await soon(() => closed?.page.isClosed()).toBe(true)
  const left = tabs.filter((tab) => tab !== closed)
  await soon(async () => {
    await pass(host, context, 1_000)
    return Math.min(...(await endsOf(left)))
  }).toBeGreaterThan(before)
  expect(refreshes()).toBe(2)
})
