import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { patience } from "./running-demo"
import { cookieOf, minted, newName, openStage, placeOf, present, type Stage, signedIn } from "./stage"

const second = 1000
const lifetime = 8
// Not below the leeway, within which a token is taken in any case.
const grace = 30

let stage: Stage

beforeAll(async () => {
  stage = await openStage("jwt", { SESSION_LIFETIME: `${lifetime}`, SESSION_GRACE: `${grace}` })
}, patience)
afterAll(() => stage?.close())

/** A token of this visitor's that was issued so many seconds ago. */
function issuedAgo(name: string, seconds: number): Promise<string> {
  const then = Date.now() - seconds * second
  return minted(stage, name, { clock: () => then })
}

/** What the token in a `Set-Cookie` says. */
function payloadIn(setCookie = ""): { readonly exp: number } {
  expect(setCookie).toMatch(/^__Host-session=ey/)
  const [, payload = ""] = setCookie.split(".")
  return JSON.parse(Buffer.from(payload, "base64url").toString())
}

describe("a token whose life is over", () => {
  test("inside the grace: the page is answered, and the browser has a new one", async () => {
    const { page, name } = await signedIn(stage)
    const old = await issuedAgo(name, lifetime + 1)
    await page.goto("about:blank")
    await present(stage, page, old)
    const answer = await page.goto(`${stage.url}/desk`)
    expect(answer?.status()).toBe(200)
    expect(await answer?.headerValue("cache-control")).toContain("no-store")
    await page.getByRole("heading", { name: `Good to see you, ${name}` }).waitFor()
    expect(await cookieOf(page)).not.toBe(`__Host-session=${old}`)
    // The page behind the proxy has seen the new one.
    expect(await page.getByRole("timer").getAttribute("data-phase")).toBe("life")
  })

  test("inside the grace: of many requests at once all are answered, with one new token", async () => {
    const headers = { cookie: `__Host-session=${await issuedAgo(newName(), lifetime + 1)}` }
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => fetch(`${stage.url}/api/me`, { headers })),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    // What they say, not how: a database gives the claims back in an order of its own.
    const [first, ...others] = answers.map((answer) => payloadIn(answer.headers.getSetCookie().at(-1)))
    expect(first?.exp).toBeGreaterThan(Date.now() / 1000)
    for (const other of others) expect(other).toEqual(first)
  })

  test("beyond it: to the sign-in page, and 401", async () => {
    const { page, name } = await signedIn(stage)
    const old = await issuedAgo(name, lifetime + grace + 1)
    await page.goto("about:blank")
    await present(stage, page, old)
    await page.goto(`${stage.url}/desk`)
    expect(placeOf(page)).toBe("/sign-in?return_to=%2Fdesk")
    const answer = await fetch(`${stage.url}/api/me`, { headers: { cookie: `__Host-session=${old}` } })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []])
  })
})

test("somebody who is there is refreshed silently, and the panel shows it", async () => {
  const { page } = await signedIn(stage)
  const before = await page.getByTestId("expires").getAttribute("data-at")
  await page.mouse.click(5, 300)
  await page.keyboard.press("Shift")
  await page.getByTestId("refreshes").getByText("1", { exact: true }).waitFor()
  expect(Number(await page.getByTestId("expires").getAttribute("data-at"))).toBeGreaterThan(Number(before))
  expect(await page.getByRole("list", { name: "What happened" }).textContent()).toContain("refreshed, until")
})

test("nobody is there: the panel counts down, and goes on into the grace", async () => {
  const { page } = await signedIn(stage)
  const before = await cookieOf(page)
  await page.locator('[data-phase="grace"]').waitFor()
  await page.getByText("of grace: the next request still gets a new token").waitFor()
  // Looking at it has not prolonged it.
  expect(await cookieOf(page)).toBe(before)
})

test(
  "nobody is there: without a grace the session ends at its end, and the page with it",
  async () => {
    const kept = await openStage("database", { SESSION_LIFETIME: "5" })
    try {
      const { page } = await signedIn(kept)
      await page.waitForURL(/\/sign-in/)
      const headers = { cookie: await cookieOf(page) }
      expect((await fetch(`${kept.url}/api/me`, { headers })).status).toBe(401)
    } finally {
      await kept.close()
    }
  },
  patience,
)
