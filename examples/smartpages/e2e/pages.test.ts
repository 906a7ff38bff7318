import { createHash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { locales } from "../words/locale.js"
import { wordsIn } from "../words/words.js"
import { patience } from "./running-demo.js"
import { openStage, type Stage } from "./stage.js"

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, patience)
afterAll(() => stage?.close())

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(stage.url + path, { redirect: "manual", headers: { accept: "text/html", ...headers } })
}

test.each([
  ["/", "de-CH,de;q=0.9", "/de/login"],
  ["/", "fr", "/en/login"],
  ["/login?return_to=/de/dashboard", "en", "/de/login?return_to=%2Fde%2Fdashboard"],
  ["/login?notice=signed_out&return_to=/de/login", "en", "/de/login?notice=signed_out"],
  ["/login?error=rate_limited&retry_after=60", "de", "/de/login?error=rate_limited&retry_after=60"],
  ["/dashboard", "de", "/login?return_to=%2Fdashboard"],
  ["/de/dashboard", "en", "/login?return_to=%2Fde%2Fdashboard"],
  ["/en/dashboard?tab=1", "de", "/login?return_to=%2Fen%2Fdashboard%3Ftab%3D1"],
])("a visitor who opens %s and likes %s is sent to %s", async (path, language, target) => {
  const response = await get(path, { "accept-language": language })
  expect(response.status).toBe(303)
  expect(response.headers.get("location")).toBe(target)
  expect(response.headers.get("cache-control")).toBe("no-store")
})

test.each([
  "/dashboard.html",
  "/de/login.html",
  "/fr/login",
  "/de",
  "/de/login/more",
  "/index.html",
  "/nothing",
])("there is no %s", async (path) => {
  const response = await get(path, { "accept-language": "de" })
  expect(response.status).toBe(404)
  expect(await response.text()).toContain(`<h1>${wordsIn("de").notFoundTitle}</h1>`)
})

describe.each(locales)("/%s/login", (locale) => {
  test("is nobody else's page, in no frame, and runs nothing but what was built", async () => {
    const response = await get(`/${locale}/login`)
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(response.headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
    expect(response.headers.get("x-content-type-options")).toBe("nosniff")
    expect(response.headers.get("referrer-policy")).toBe("same-origin")
    const page = await response.text()
    const policy = /http-equiv="content-security-policy" content="([^"]+)"/.exec(page)?.[1] ?? ""
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    const inline = [...page.matchAll(/<(script|style)>(.*?)<\/\1>/gs)]
    expect(inline.length).toBeGreaterThan(0)
    for (const [, , text = ""] of inline) {
      expect(policy).toContain(`'sha256-${createHash("sha256").update(text).digest("base64")}'`)
    }
  })

  test("what stands in its address stays a text", async () => {
    const planted = `"><script>alert(1)</script>`
    const query = new URLSearchParams({
      return_to: planted,
      error: planted,
      notice: planted,
      retry_after: planted,
    })
    const page = await (await get(`/${locale}/login?${query}`)).text()
    // Within quotes only a quote would end it.
    const asValue = `value="${planted.replace('"', "&quot;")}"`
    expect(page).toContain(asValue)
    expect(page.replaceAll(asValue, "")).not.toContain("alert(1)")
  })
})

test("scripts and styles are the same for everybody, and come past the Worker", async () => {
  const style = await get("/assets/style.css")
  expect(style.status).toBe(200)
  expect(style.headers.get("content-type")).toContain("text/css")
  expect(style.headers.get("etag")).not.toBeNull()
  expect(style.headers.get("cache-control")).not.toBe("no-store")
  expect((await get("/assets/nothing.js")).status).toBe(404)
})

test("what breaks is a page in every language, or a problem for a script, and no word of the cause", async () => {
  const customers = await stage.miniflare.getD1Database("CUSTOMERS", "smartpages-core")
  const ask = (accept: string): Promise<Response> =>
    fetch(`${stage.url}/auth/start`, {
      method: "POST",
      headers: { accept },
      body: new URLSearchParams({ email: "ada@example.com", locale: "de" }),
    })
  await customers.exec("alter table customers rename to away")
  const [page, problem] = [await ask("text/html"), await ask("application/json")]
  await customers.exec("alter table away rename to customers")
  expect([page.status, problem.status]).toEqual([503, 503])
  const text = await page.text()
  for (const locale of locales) expect(text).toContain(`<h1>${wordsIn(locale).unavailableTitle}</h1>`)
  expect(await problem.json()).toMatchObject({ status: 503, reason: "unavailable" })
  expect(text).not.toMatch(/D1|SQL|customers|Error/)
})

test("a form of another site is refused with a page that says so", async () => {
  const response = await fetch(`${stage.url}/auth/start`, {
    method: "POST",
    headers: { accept: "text/html", origin: "https://elsewhere.example" },
    body: new URLSearchParams({ email: "ada@example.com", locale: "de" }),
  })
  expect(response.status).toBe(403)
  const text = await response.text()
  for (const locale of locales) expect(text).toContain(wordsIn(locale).foreignLead)
})

test.each([
  ["no secret", ""],
  ["a secret that can be guessed", "secret"],
])("with %s the Core Worker answers nothing but errors", async (_, secret) => {
  const broken = await openStage(secret)
  try {
    for (const path of ["/en/login", "/auth/session", "/api/customer"]) {
      expect((await fetch(broken.url + path)).status).toBe(500)
    }
  } finally {
    await broken.close()
  }
})
