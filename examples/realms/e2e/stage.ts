import type { Browser } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { launchBrowser } from "../../../tools/e2e/visit.js"
import { emptyDirectory, type RunningDemo, startDemo } from "./running-demo.js"

/** A demo on an empty directory, for one test file. */
export interface Stage {
  /** Where it is. */
  readonly url: string
  /** Starts it once more, on the same data at the same address. */
  restart(signal: NodeJS.Signals): Promise<void>
}

/** Starts the demo before the tests of a file and ends it behind them. */
export function stageForFile(): Stage {
  let demo: RunningDemo
  let data: Awaited<ReturnType<typeof emptyDirectory>>

  beforeAll(async () => {
    data = await emptyDirectory()
    demo = await startDemo(data.path)
  })
  afterAll(async () => {
    await demo?.stop()
    await data?.remove()
  })

  return {
    get url() {
      return demo.url
    },
    async restart(signal) {
      await demo.stop(signal)
      demo = await startDemo(data.path, { port: demo.port })
    },
  }
}

/** A Chromium for the tests of a file. */
export function browserForFile(): () => Browser {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  return () => browser
}
