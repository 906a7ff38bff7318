import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { inject } from "vitest"

/** Somebody with a browser of their own. */
export interface Visit {
  readonly page: Page
  /** What the browser objected to: blocked scripts, styles and forms, missing files, errors. */
  readonly complaints: string[]
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: inject("chromiumPath"), args: ["--no-sandbox"] })
}

/** A fresh browser profile with one page. */
export async function openVisit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  return { page, complaints: watch(page) }
}

/** What the browser objects to on a page from now on. */
export function watch(page: Page): string[] {
  const complaints: string[] = []
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
  page.on("pageerror", (error) => complaints.push(error.message))
  return complaints
}

export function newAddress(): string {
  return `${crypto.randomUUID()}@example.com`
}

/** Path and query. */
export function placeOf(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}
