/** Fifty components of React and of Solid. */

import type { BrowserContext } from "playwright-core"
import { createElement } from "react"
import { renderToReadableStream, renderToString } from "react-dom/server"
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { ada, type RealHost, startHost } from "../test/real-host.js"
import { openTab, openWindows, soon, type Tab } from "./browsers.js"
import { bundled, putPage } from "./pages/bundle.js"
import { App } from "./pages/react.js"

const scripts = { react: "", solid: "" }
beforeAll(async () => {
  scripts.react = await bundled("react")
  scripts.solid = await bundled("solid")
})

let host: RealHost
let context: BrowserContext
beforeEach(async () => {
  host = await startHost()
  context = await openWindows(host)
  const response = await context.request.post(`${host.url}/auth/login`, { data: ada })
  expect(response.status()).toBe(200)
})
afterEach(() => host.close())

const peopleOf = ({ page }: Tab): Promise<readonly string[]> => page.locator("p").allTextContents()
const fifty = (text: string): readonly string[] => Array.from({ length: 50 }, () => text)
const signedIn = `signed_in ${ada.email}`

/** The session of a request, as a host's server has it. */
async function principalOf(request: Request): Promise<{ handed: object | null }> {
  const header = (name: string): string | null => request.headers.get(name)
  const { principal } = await host.auth.authenticate({ method: "GET", target: "/", header })
  return { handed: principal ?? null }
}

describe.each(["react", "solid"] as const)("%s", (framework) => {
  test.each(["", "#suspended"])(
    "fifty components cause one request, and all of them sign out (%s)",
    async (hash) => {
      putPage(host, "/app", scripts[framework])
      const tab = await openTab(host, context, `/app${hash}`)
      await soon(() => peopleOf(tab)).toEqual(fifty(signedIn))
      expect(tab.asked).toEqual(["GET /auth/session"])
      await tab.page.getByRole("button").click()
      await soon(() => peopleOf(tab)).toEqual(fifty("signed_out"))
      expect(tab.asked).toEqual(["GET /auth/session", "POST /auth/logout"])
      expect(tab.complaints).toEqual([])
    },
  )

  test("who suspends shows the fallback until the session is known", async () => {
    let release = (): void => {}
    const released = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined)
    })
    host.front = () => released
    putPage(host, "/app", scripts[framework])
    const tab = await openTab(host, context, "/app#suspended")
    await tab.shows("wait")
    expect(await peopleOf(tab)).toEqual([])
    release()
    await soon(() => peopleOf(tab)).toEqual(fifty(signedIn))
  })

  test.each(["", "#suspended"])("a session that is handed in causes none (%s)", async (hash) => {
    putPage(host, "/app", scripts[framework], principalOf)
    const tab = await openTab(host, context, `/app${hash}`)
    await soon(() => peopleOf(tab)).toEqual(fifty(signedIn))
    await tab.page.getByRole("button").click()
    await soon(() => peopleOf(tab)).toEqual(fifty("signed_out"))
    expect(tab.asked).toEqual(["POST /auth/logout"])
    expect(tab.complaints).toEqual([])
  })
})

describe("react, rendered on the server", () => {
  test.each([
    ["", signedIn],
    ["#suspended", signedIn],
  ])("with the session handed in, is hydrated without a mismatch or a request (%s)", async (hash, text) => {
    putPage(host, "/app", scripts.react, async (request) => {
      const { handed } = await principalOf(request)
      const app = createElement(App, { handed: handed as Window["handed"], suspended: hash !== "" })
      return { handed, html: renderToString(app) }
    })
    const html = await (await context.request.get(`${host.url}/app`)).text()
    expect(html).toContain(signedIn)
    const tab = await openTab(host, context, `/app${hash}`)
    await soon(() => peopleOf(tab)).toEqual(fifty(text))
    await tab.page.getByRole("button").click()
    await soon(() => peopleOf(tab)).toEqual(fifty("signed_out"))
    expect(tab.asked).toEqual(["POST /auth/logout"])
    expect(tab.complaints).toEqual([])
  })

  test("for a visitor, and then for somebody who is signed in: nothing is kept between requests", async () => {
    const rendered = (handed: Window["handed"]): string =>
      renderToString(createElement(App, { handed, suspended: false }))
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
    const { handed } = await principalOf(new Request(host.url, { headers: { cookie } }))
    expect(rendered(handed as Window["handed"])).toContain(signedIn)
    expect(rendered(null)).toContain("signed_out")
    expect(rendered(undefined)).toContain("loading")
  })

  test("without a session, shows that it is not known yet, and asks once", async () => {
    putPage(host, "/app", scripts.react, async () => ({
      html: renderToString(createElement(App, { handed: undefined, suspended: false })),
    }))
    const tab = await openTab(host, context, "/app")
    await soon(() => peopleOf(tab)).toEqual(fifty(signedIn))
    expect(tab.asked).toEqual(["GET /auth/session"])
    expect(tab.complaints).toEqual([])
  })

  test("suspended without a session, says what is missing, and leaves it to the browser", async () => {
    const errors: unknown[] = []
    const app = createElement(App, { handed: undefined, suspended: true })
    const stream = await renderToReadableStream(app, { onError: (error) => void errors.push(error) })
    const html = await new Response(stream).text()
    expect(html).toContain("wait")
    expect(String(errors[0])).toContain("On a server the session must be handed in")
    putPage(host, "/app", scripts.react, async () => ({ html }))
    const tab = await openTab(host, context, "/app#suspended")
    await soon(() => peopleOf(tab)).toEqual(fifty(signedIn))
    expect(tab.asked).toEqual(["GET /auth/session"])
  })
})
