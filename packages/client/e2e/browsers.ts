import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { expect, inject, onTestFinished } from "vitest"
import { launchBrowser } from "../../../tools/e2e/visit.js"
import type { RealHost } from "../test/real-host.js"

/**
 * A window with real tabs, of which one is looked at and the others are hidden. In what Playwright starts itself, and in a shell without windows,
 * every page thinks that it is looked at and has the focus.
 */
export async function openWindow(host: RealHost): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), "mortise-chromium-"))
  const child = spawn(
    inject("chromiumPath"),
    [
      "--headless=new",
      "--no-sandbox",
      "--no-first-run",
      // Playwright waits without end for a page that is there before it and does not answer (microsoft/playwright#42730).
      "--no-startup-window",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
    ],
    // A group of its own, so that none of its processes is left behind.
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  )
  const exited = once(child, "exit")
  let browser: Browser | undefined
  onTestFinished(async () => {
    await browser?.close()
    process.kill(-(child.pid ?? Number.NaN), "SIGKILL")
    await exited
    rmSync(profile, { recursive: true, force: true, maxRetries: 20 })
  })
  const address = await new Promise<string>((resolve, reject) => {
    let said = ""
    child.stderr.on("data", (data) => {
      said += data
      const [, url] = /listening on (ws:\S+)/.exec(said) ?? []
      if (url) resolve(url)
    })
    child.on("exit", () => reject(new Error(said)))
  })
  browser = await chromium.connectOverCDP(address, { noDefaults: true })
  const context = browser.contexts()[0] as BrowserContext
  await context.clock.install({ time: host.clock() })
  return context
}

/** Many windows of one profile, all of them looked at. */
export async function openWindows(host: RealHost): Promise<BrowserContext> {
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const context = await browser.newContext()
  await context.clock.install({ time: host.clock() })
  return context
}

/** Lets time pass, for the server and then for every page: as on a machine that slept, a timer fires once, late. */
export async function pass(host: RealHost, context: BrowserContext, ms: number): Promise<void> {
  host.clock.advance(ms)
  await context.clock.fastForward(ms)
}

/** Opens a page of the host's in a tab, which is the one that is looked at then. */
export async function openTab(host: RealHost, context: BrowserContext, path = "/plain"): Promise<Tab> {
  const page = await context.newPage()
  const asked: string[] = []
  const complaints: string[] = []
  page.on("request", (request) => {
    const { pathname } = new URL(request.url())
    if (host.auth.owns(pathname)) asked.push(`${request.method()} ${pathname}`)
  })
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
  page.on("pageerror", (error) => complaints.push(error.message))
  await page.goto(host.url + path)
  return {
    page,
    asked,
    complaints,
    shows: (text) => page.getByText(text).first().waitFor({ state: "attached" }),
  }
}

/** A tab, and what it has asked the library for. */
export interface Tab {
  readonly page: Page
  readonly asked: string[]
  /** Errors on its console. */
  readonly complaints: string[]
  /** Resolves when the text stands on the page. */
  shows(text: string | RegExp): Promise<void>
}

/** A browser of two shared cores takes its time. */
export function soon<Value>(look: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(look, { timeout: 15_000 })
}
