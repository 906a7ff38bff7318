import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { openVisit } from "../../../tools/e2e/visit"
import type { CaseName } from "../src/errors/cases"
import type { SessionKind } from "../src/settings"
import { patience } from "./running-demo"
import { cookieOf, openStage, type Stage, signedIn } from "./stage"

/** What the API says, and what the page; then what the server knows. */
type Expected = readonly [api: string, page: string, cause: RegExp]

const anew = ["401: not_signed_in", "303: on to /sign-in?return_to=%2Fdesk"] as const
const welcome = [/^200: you, user-[^,]*$/.source, /^200: Good to see you, user-[^,]*$/.source] as const
const renewed = welcome.map((one) => one.replace("$", ", with a new cookie$"))

const everywhere: Partial<Record<CaseName, Expected>> = {
  "missing-cookie": [...anew, /^missing cookie/],
  "clock-ahead": [welcome[0], welcome[1], /^accepted/],
  "cookie-domain": [
    ...anew,
    /^cookie domain mismatch: the request came to 127\.0\.0\.1:\d+, the cookie belongs to localhost:\d+/,
  ],
}

const none = /^no such session/

const expected: Readonly<Record<SessionKind, Partial<Record<CaseName, Expected>>>> = {
  jwt: {
    ...everywhere,
    "invalid-signature": [...anew, /token_refused, cause bad_signature/],
    expired: [...anew, /token_refused, cause expired/],
    "in-grace": [renewed[0] ?? "", renewed[1] ?? "", /^expired within the grace/],
    "database-down": ["503: unavailable", "503: Back in a moment", /^StoreError/],
    "clock-skewed": [...anew, /token_refused, cause not_yet_valid/],
    "clock-behind": [...anew, /token_refused, cause expired/],
    "other-key": [...anew, /token_refused, cause unknown_key/],
    "other-realm": [...anew, /token_refused, cause wrong_realm/],
    "other-type": [...anew, /token_refused, cause wrong_type/],
  },
  database: {
    ...everywhere,
    "invalid-signature": [...anew, /^session\.token_mismatch/],
    expired: [...anew, none],
    "database-down": ["503: unavailable", "503: Back in a moment", /^StoreError/],
    // A store goes by its own clock: whatever another server's says, the session is there or not.
    "clock-skewed": [welcome[0], welcome[1], /^accepted/],
    "clock-behind": [...anew, none],
    "other-realm": [...anew, none],
  },
  redis: {
    ...everywhere,
    "invalid-signature": [...anew, /^session\.token_mismatch/],
    expired: [...anew, none],
    // The session is in Redis and goes on; what is in the database is 503.
    "database-down": ["503: unavailable", "500: a page", /^StoreError/],
    "clock-skewed": [welcome[0], welcome[1], /^accepted/],
    "clock-behind": [...anew, none],
    "other-realm": [...anew, none],
  },
}

describe.each(["jwt", "database", "redis"] as const)("sessions of the kind %s", (kind) => {
  let stage: Stage
  let page: Page

  beforeAll(async () => {
    stage = await openStage(kind, { REDIS_URL: inject("redisUrl") })
    page = (await signedIn(stage)).page
  }, patience)
  afterAll(() => stage?.close())

  test.each(Object.entries(expected[kind]))("%s", async (name, [api, desk, cause]) => {
    const before = await cookieOf(page)
    await page.goto(`${stage.url}/errors`)
    await page.locator(`#${name}`).getByRole("button", { name: "Try it" }).click()
    const report = page.locator(`#${name} [role=status]`)
    await report.waitFor()
    const [first = "", second = ""] = await report.locator("strong").allTextContents()
    expect(first).toMatch(exactly(api))
    expect(second).toMatch(exactly(desk))
    expect(await report.getByTestId("cause").first().textContent()).toMatch(cause)
    // Whoever tried it is signed in as before.
    expect(await cookieOf(page)).toBe(before)
  })

  test("what cannot happen says why", async () => {
    await page.goto(`${stage.url}/errors`)
    const disabled = await page.getByRole("button", { name: "Try it", disabled: true }).count()
    expect(disabled).toBe(kind === "jwt" ? 0 : 3)
  })

  test("an error of the provider: nobody is signed in, and the sign-in page says so", async () => {
    await page.goto(`${stage.url}/errors`)
    await page.locator("#provider-error").getByRole("button").click()
    const report = page.locator("#provider-error [role=status]")
    await report.waitFor()
    expect(await report.locator("strong").textContent()).toBe(
      "303: on to /sign-in?error=oauth_failed&provider=github",
    )
    expect(await report.getByTestId("cause").textContent()).toMatch(/cause response_invalid \(server_error\)/)
    const visit = await openVisit(stage.browser)
    await visit.page.goto(`${stage.url}/sign-in?error=oauth_failed&provider=github`)
    await visit.page.getByText("Something was wrong with what GitHub told us").waitFor()
  })

  test("under another name of this machine the browser sends no cookie, and the page says why", async () => {
    await page.goto(`${stage.url}/errors`)
    await page.getByRole("link", { name: "your desk under 127.0.0.1" }).click()
    await page.getByTestId("host-mismatch").waitFor()
    expect(await page.getByTestId("host-mismatch").textContent()).toContain(
      `Almanac is at localhost:${stage.demo.port}`,
    )
    await page.getByRole("link", { name: `Go to localhost:${stage.demo.port}` }).click()
    await page.getByText("You are signed in as").waitFor()
  })
})

/** A text as it is; one that begins with "^" is a pattern. */
function exactly(text: string): RegExp {
  return new RegExp(text.startsWith("^") ? text : `^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`)
}
