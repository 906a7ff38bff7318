import { afterAll, beforeAll, expect, test } from "vitest"
import { openVisit } from "../../../tools/e2e/visit"
import { patience } from "./running-demo"
import { cookieOf, openStage, type Stage, signedIn } from "./stage"

let stage: Stage

beforeAll(async () => {
  stage = await openStage("jwt")
}, patience)
afterAll(() => stage?.close())

test.each(["is gone", "hangs"] as const)(
  "PostgreSQL %s: 503 and nobody is signed out, then everything goes on",
  async (way) => {
    const { page, name } = await signedIn(stage)
    const headers = { cookie: await cookieOf(page) }
    if (way === "hangs") stage.postgres.pause()
    else await stage.postgres.kill()
    try {
      for (const path of ["/api/me", "/api/notes", "/auth/session"]) {
        const answer = await fetch(stage.url + path, { headers })
        expect([path, answer.status, answer.headers.getSetCookie()]).toEqual([path, 503, []])
        expect(await answer.json()).toMatchObject({ status: 503, reason: "unavailable" })
      }
      const desk = await page.goto(`${stage.url}/desk`)
      expect(desk?.status()).toBe(503)
      await page.getByRole("heading", { name: "Back in a moment" }).waitFor()
      // Who is not signed in has nothing that could be looked up.
      expect((await fetch(stage.url)).status).toBe(200)
    } finally {
      if (way === "hangs") stage.postgres.resume()
      else await stage.postgres.restart()
    }
    await expect
      .poll(async () => (await fetch(`${stage.url}/api/me`, { headers })).status, { timeout: 20_000 })
      .toBe(200)
    await page.goto(`${stage.url}/desk`)
    await page.getByRole("heading", { name: `Good to see you, ${name}` }).waitFor()
  },
)

test("GitHub is gone: the sign-in page says that it cannot be reached", async () => {
  const [, pid] = await stage.demo.line(/^stand-in \S+ pid (\d+)$/)
  const { page } = await openVisit(stage.browser)
  await page.goto(`${stage.url}/sign-in?return_to=/desk`)
  await page.getByRole("button", { name: "Continue with GitHub" }).click()
  await page.getByLabel("Username").fill("ada")
  // Allowed, but the browser has not come back yet.
  const form = { login: "ada", decision: "allow" }
  const answered = await page.request.post(page.url(), { form, maxRedirects: 0 })
  const resumed = await page.request.get(answered.headers()["location"] ?? "", { maxRedirects: 0 })
  const callback = resumed.headers()["location"] ?? ""
  expect(callback).toContain("code=")
  process.kill(Number(pid), "SIGKILL")
  await stage.demo.line(/^The stand-in has ended/)
  await page.goto(callback)
  await page.getByText("We cannot reach GitHub at the moment").waitFor()
  expect(await cookieOf(page)).toBe("")
})
