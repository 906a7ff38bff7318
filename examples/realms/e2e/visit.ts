import type { Browser, Page } from "playwright-core"
import { openVisit as openAnyVisit, type Visit, type VisitOptions } from "../../../tools/e2e/visit.js"
import { password } from "./client.js"

/** As everywhere; but that a page was refused, which is what is tested here, is no complaint. */
export async function openVisit(browser: Browser, options: VisitOptions = {}): Promise<Visit> {
  const isExpected = (complaint: string): boolean => complaint.includes("Failed to load resource")
  const visit = await openAnyVisit(browser, { ...options, isExpected })
  // Less than a test has, so that what was waited for is said.
  visit.page.setDefaultTimeout(15_000)
  return visit
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
