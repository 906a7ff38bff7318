import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { launchBrowser } from "../../../tools/e2e/visit"
import { dataDirectory, patience, type RunningDemo, startDemo } from "./running-demo"
import { cookieOf, newName, signInAtGitHub } from "./stage"

let demo: RunningDemo
let data: Awaited<ReturnType<typeof dataDirectory>>
let browser: Browser
let page: Page

// As it is started without any settings: PostgreSQL inside the process, in files that outlive it.
beforeAll(async () => {
  data = await dataDirectory()
  browser = await launchBrowser()
  demo = await startDemo({ DATA_DIR: data.path, REDIS_URL: inject("redisUrl") })
  page = await (await browser.newContext()).newPage()
  // A start with PostgreSQL inside takes its time on a machine that is busy.
  page.setDefaultTimeout(patience / 2)
}, patience)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
  await data?.remove()
})

test(
  "a switch on the page starts the server again with other sessions",
  async () => {
    const name = newName()
    const pids = [await signInAndOut(name, "JWT", 1, /^__Host-session=ey.*\..*\./)]
    for (const [kind, title, cookie] of [
      ["database", "Database", /^__Host-session=[\w-]{22}\.[\w-]{43}$/],
      ["redis", "Redis", /^__Host-session=[\w-]{22}\.[\w-]{43}$/],
      ["jwt", "JWT", /^__Host-session=ey.*\..*\./],
    ] as const) {
      await page.goto(demo.url)
      await page.getByRole("button", { name: `Use ${title}` }).click()
      await page.getByRole("heading", { name: "Starting again" }).waitFor()
      await demo.line(new RegExp(`^${kind} sessions, pid`))
      await page.getByRole("heading", { name: "How sessions are kept" }).waitFor()
      expect((await (await fetch(`${demo.url}/api/health`)).json()).sessions).toBe(kind)
      // The account is the same one, in files that outlive the process.
      pids.push(await signInAndOut(name, title, pids.length + 1, cookie))
    }
    expect(new Set(pids).size).toBe(4)
  },
  2 * patience,
)

test("nobody else's page can start it again", async () => {
  const { pid } = await (await fetch(`${demo.url}/api/health`)).json()
  const body = new URLSearchParams({ sessions: "database" })
  const headers = { origin: "https://evil.example" }
  expect((await fetch(`${demo.url}/storage`, { method: "POST", headers, body })).status).toBe(403)
  const nonsense = {
    method: "POST",
    headers: { origin: demo.url },
    body: new URLSearchParams({ sessions: "paper" }),
  }
  expect((await fetch(`${demo.url}/storage`, nonsense)).status).toBe(422)
  expect((await (await fetch(`${demo.url}/api/health`)).json()).pid).toBe(pid)
})

test(
  "it ends when it is told to, with its database whole; without a Redis to be found it says so",
  async () => {
    expect(await demo.stop()).toBe(0)
    demo = await startDemo({ DATA_DIR: data.path, PORT: `${demo.port}`, PATH: "/nowhere" })
    await page.goto(demo.url)
    await page
      .getByText("Not available: there is no REDIS_URL, and no redis-server on this machine.")
      .waitFor()
    expect(await page.getByRole("button", { name: "Use Redis" }).isDisabled()).toBe(true)
    const redis = {
      method: "POST",
      headers: { origin: demo.url },
      body: new URLSearchParams({ sessions: "redis" }),
    }
    expect((await fetch(`${demo.url}/storage`, redis)).status).toBe(422)
    await signInAndOut(newName(), "JWT", 1, /^__Host-session=ey/)
  },
  patience,
)

async function signInAndOut(name: string, title: string, logins: number, cookie: RegExp): Promise<number> {
  await page.goto(`${demo.url}/sign-in?return_to=/desk`)
  await signInAtGitHub(page, name)
  expect(await page.getByTestId("logins").textContent()).toBe(`${logins}`)
  await page.getByRole("region", { name: "Your session" }).getByText(title, { exact: true }).waitFor()
  expect(await cookieOf(page)).toMatch(cookie)
  await page.getByRole("button", { name: "Sign out" }).click()
  await page.getByRole("link", { name: "Sign in", exact: true }).waitFor()
  return (await (await fetch(`${demo.url}/api/health`)).json()).pid
}
