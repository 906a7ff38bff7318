import type { Browser } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { launchBrowser, openVisit, type Visit } from "../../../tools/e2e/visit.js"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"

/** One demo and one browser for the tests of a file. */
export interface Stage {
  readonly demo: RunningDemo
  /** A browser profile of its own. */
  visit(options?: { readonly javaScriptEnabled?: boolean }): Promise<Visit>
}

/** A machine that does much else besides takes its time to start a database. */
const patience = 120_000

/** Puts it up before the tests of the file, and takes it down after them. What is in it is there once they run. */
export function stage(): Stage {
  let demo: RunningDemo | undefined
  let browser: Browser | undefined
  let data: Awaited<ReturnType<typeof dataDirectory>> | undefined

  beforeAll(async () => {
    data = await dataDirectory()
    demo = await startDemo({ env: { DATA_DIR: data.path, KEEPERS: "keeper@example.com,night@example.com" } })
    browser = await launchBrowser()
  }, patience)
  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
    await data?.remove()
  })

  return {
    get demo() {
      if (!demo) throw new Error("The demo is not running yet.")
      return demo
    },
    visit(options) {
      if (!browser) throw new Error("The browser is not running yet.")
      return openVisit(browser, options)
    },
  }
}
