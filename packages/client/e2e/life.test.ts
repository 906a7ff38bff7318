/** How a session lives while somebody is there, and ends when nobody is. */
import { opaque, type SessionStrategy } from "@mortise/core"
import { jwt } from "@mortise/core/jwt"
import type { BrowserContext } from "playwright-core"
import { afterEach, beforeAll, describe, expect, test } from "vitest"
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

const minutes = 60_000

/** A tab whose user has just signed in. */
async function signedIn(sessions: SessionStrategy<"sessions" | "users">): Promise<Tab> {
  host = await startHost({ sessions })
  putPage(host, "/plain", script)
  context = await openWindows(host)
  const tab = await openTab(host, context)
  await tab.shows("signed_out")
  await tab.page.evaluate((account) => window.client.login(account), ada)
  await tab.shows("signed_in")
  tab.asked.length = 0
  return tab
}

/** Somebody moves the mouse. */
const act = ({ page }: Tab): Promise<void> => page.mouse.move(Math.random() * 200, Math.random() * 200)
const endOf = ({ page }: Tab): Promise<number> =>
  page.evaluate(() => window.client.get().session?.expiresAt ?? 0)

const errorOf = ({ page }: Tab): Promise<string | undefined> =>
  page.evaluate(() => window.client.get().error?.reason)

describe.each([
  ["opaque", () => opaque({ idle: "1h", absolute: "30d" })],
  ["jwt", () => jwt({ lifetime: "1h", grace: 0, leeway: 0 })],
])("%s", (_, strategy) => {
  test("is renewed silently, once, between 75 and 90 % of its life, if somebody was there", async () => {
    const tab = await signedIn(strategy())
    const end = await endOf(tab)
    await act(tab)
    await pass(host, context, 44 * minutes)
    await act(tab)
    expect(tab.asked).toEqual([])
    await pass(host, context, 10 * minutes)
    await soon(() => endOf(tab)).toBeGreaterThan(end + 43 * minutes)
    await act(tab)
    await pass(host, context, 40 * minutes)
    await act(tab)
    expect(tab.asked).toEqual(["POST /auth/refresh"])
  })

  test("is renewed as soon as somebody is there again, if it is late in its life", async () => {
    const tab = await signedIn(strategy())
    await pass(host, context, 56 * minutes)
    expect(tab.asked).toEqual([])
    await act(tab)
    await soon(() => tab.asked).toEqual(["POST /auth/refresh"])
  })

  test("expires while nobody is there, for which it is asked once", async () => {
    const tab = await signedIn(strategy())
    await pass(host, context, 59 * minutes)
    expect(tab.asked).toEqual([])
    await pass(host, context, 2 * minutes)
    await tab.shows("signed_out")
    await pass(host, context, 600 * minutes)
    expect(tab.asked).toEqual(["GET /auth/session"])
  })
})

describe("a grace period", () => {
  test("is not used up for nobody: the session is looked at and ends with it", async () => {
    const tab = await signedIn(jwt({ lifetime: "1h", grace: "30m" }))
    const cookies = await context.cookies()
    await pass(host, context, 61 * minutes)
    await soon(() => tab.asked.length).toBe(1)
    await tab.shows("signed_in")
    expect(await context.cookies()).toEqual(cookies)
    await pass(host, context, 31 * minutes)
    await tab.shows("signed_out")
    expect(new Set(tab.asked)).toEqual(new Set(["GET /auth/session"]))
  })

  test("is looked at again soon when the server could not be asked", async () => {
    const tab = await signedIn(jwt({ lifetime: "1h", grace: "30m" }))
    await context.route("**/auth/session", (route) => route.abort())
    await pass(host, context, 80 * minutes)
    await soon(() => errorOf(tab)).toBe("network")
    await context.unroute("**/auth/session")
    await pass(host, context, minutes)
    await soon(() => errorOf(tab)).toBeUndefined()
    await tab.shows("signed_in")
  })

  test("goes on with a new cookie when somebody comes back in it", async () => {
    const tab = await signedIn(jwt({ lifetime: "1h", grace: "30m" }))
    const end = await endOf(tab)
    await pass(host, context, 61 * minutes)
    await soon(() => tab.asked.length).toBe(1)
    await act(tab)
    await soon(() => endOf(tab)).toBeGreaterThan(end)
    expect(tab.asked).toEqual(["GET /auth/session", "POST /auth/refresh"])
  })
})

test("an absolute end is not fought against", async () => {
  const tab = await signedIn(opaque({ idle: "1h", absolute: "1h" }))
  for (let passed = 0; passed < 59; passed++) {
    await act(tab)
    await pass(host, context, minutes)
  }
  expect(tab.asked).toEqual([])
  await pass(host, context, 2 * minutes)
  await tab.shows("signed_out")
})

test("a life longer than a timer can be is not over at once", async () => {
  const tab = await signedIn(opaque({ idle: "60d", absolute: "90d" }))
  await act(tab)
  await pass(host, context, 30 * 24 * 60 * minutes)
  await act(tab)
  await pass(host, context, minutes)
  expect(tab.asked).toEqual([])
  await pass(host, context, 25 * 24 * 60 * minutes)
  await soon(() => tab.asked).toEqual(["POST /auth/refresh"])
})

test.each([-3, 3])(
  "a browser whose clock is %i hours wrong renews and expires in time all the same",
  async (hours) => {
    host = await startHost({ sessions: opaque({ idle: "1h", absolute: "30d" }) })
    putPage(host, "/plain", script)
    const right = host.clock()
    host.clock.advance(hours * 60 * minutes)
    context = await openWindows(host)
    host.clock.set(right)
    const tab = await openTab(host, context)
    await tab.page.evaluate((account) => window.client.login(account), ada)
    await tab.shows("signed_in")
    tab.asked.length = 0
    await act(tab)
    await pass(host, context, 44 * minutes)
    expect(tab.asked).toEqual([])
    await pass(host, context, 11 * minutes)
    await soon(() => tab.asked).toEqual(["POST /auth/refresh"])
    await tab.shows("signed_in")
    await pass(host, context, 62 * minutes)
    await tab.shows("signed_out")
  },
)

test("what a script does is nobody's deed", async () => {
  const tab = await signedIn(opaque({ idle: "1h", absolute: "30d" }))
  await tab.page.evaluate(() => {
    dispatchEvent(new MouseEvent("pointermove"))
    dispatchEvent(new KeyboardEvent("keydown"))
  })
  await pass(host, context, 56 * minutes)
  await pass(host, context, 6 * minutes)
  await tab.shows("signed_out")
  expect(tab.asked).toEqual(["GET /auth/session"])
})

test("a server that is down for a while signs nobody out, and is asked again", async () => {
  const tab = await signedIn(opaque({ idle: "1h", absolute: "30d" }))
  host.front = () => new Response("", { status: 503 })
  await act(tab)
  await pass(host, context, 55 * minutes)
  await tab.shows(`signed_in ${ada.email} unavailable`)
  host.front = () => undefined
  await soon(async () => {
    await pass(host, context, 1000)
    return tab.page.textContent("body")
  }).toBe(`signed_in ${ada.email}`)
})
