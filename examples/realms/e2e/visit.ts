import type { Browser, Page } from "playwright-core"
import { password } from "./client.js"

/** Somebody with a browser of their own. */
export interface Visit {
  readonly page: Page
  /** What the browser objected to, apart from pages that were refused: blocked scripts, styles and forms, errors. */
  readonly complaints: string[]
}

/** How they browse. */
export interface VisitOptions {
  readonly javaScriptEnabled?: boolean
}

/** A fresh browser profile with one page. */
export async function openVisit(browser: Browser, options: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  // Less than a test has, so that what was waited for is said.
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("Failed to load resource"))
      complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(error.message))
  return { page, complaints }
}

/** Opens an area's sign-in page, fills in the form and sends it. */
export async function signInAt(page: Page, signInPage: string, name: string): Promise<void> {
  await page.goto(signInPage)
  await page.getByLabel(/^(Username or email|Email) address/).fill(name)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in" }).click()
}

/** A page as it was answered, and the names of the cookies that the browser sent for it, as the network saw them. */
export async function look(
  page: Page,
  url: string,
): Promise<{ status: number; message: string; sent: string[] }> {
  const response = await page.goto(url)
  if (!response) throw new Error(`${url} was not answered.`)
  const { cookie = "" } = await response.request().allHeaders()
  const problem = page.locator(".problem #detail")
  return {
    status: response.status(),
    message: (await problem.count()) > 0 ? ((await problem.textContent()) ?? "") : "",
    sent: cookie
      .split("; ")
      .map((pair) => pair.split("=", 1)[0] ?? "")
      .filter(Boolean),
  }
}

/** Where the browser is. */
export function pathOf(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}
