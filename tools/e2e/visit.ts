import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { inject, onTestFinished, TestRunner } from "vitest"

/** Somebody with a browser of their own. */
export interface Visit {
  readonly page: Page
  /** What the browser objected to: blocked scripts, styles and forms, missing files, errors. */
  readonly complaints: string[]
}

/** How they browse. */
export interface VisitOptions extends BrowserContextOptions {
  /** Objections that the test expects. */
  readonly isExpected?: (complaint: string) => boolean
}

/** The Chromium that the tests' set-up has found or installed. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: inject("headlessShellPath"), args: ["--no-sandbox"] })
}

/**
 * A fresh browser profile with one page. It is closed with the test that opened it, since a page that stays open goes on asking its server beside
 * all later tests; one that was opened for all of them, before the first, closes with its browser.
 */
export async function openVisit(browser: Browser, options: VisitOptions = {}): Promise<Visit> {
  const { isExpected, ...how } = options
  const context = await browser.newContext(how)
  if (TestRunner.getCurrentTest()) onTestFinished(() => context.close())
  const page = await context.newPage()
  return { page, complaints: watch(page, isExpected) }
}

/** What the browser objects to on a page from now on. */
export function watch(page: Page, isExpected: VisitOptions["isExpected"] = () => false): string[] {
  const complaints: string[] = []
  page.on("console", (message) => {
    if (message.type() === "error" && !isExpected(message.text())) complaints.push(message.text())
  })
  page.on("pageerror", (error) => complaints.push(error.message))
  return complaints
}
