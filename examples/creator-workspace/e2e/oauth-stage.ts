import { Pool } from "pg"
import type { Browser, Page } from "playwright-core"
import { expect } from "vitest"
import { launchBrowser } from "../../../tools/e2e/visit.js"
import { startPostgres } from "../../../tools/services/postgres.mjs"
import { dataDirectory, freePortOfDemo, type RunningDemo, startDemo } from "./running-demo.js"
import { type RunningStandIn, startStandIn } from "./running-stand-in.js"

/** A demo whose stand-in can break down, and whose database lets time pass. */
export interface OAuthStage {
  readonly demo: RunningDemo
  readonly standIn: RunningStandIn
  readonly browser: Browser
  /** Ends the time of every sign-in that is under way at a provider. */
  expireAttempts(): Promise<void>
  /** Lets every session be as old as if its user had signed in ten minutes ago. */
  ageSessions(): Promise<void>
  close(): Promise<void>
}

export async function openOAuthStage(): Promise<OAuthStage> {
  const [postgres, data, browser, port] = await Promise.all([
    startPostgres(),
    dataDirectory(),
    launchBrowser(),
    freePortOfDemo(),
  ])
  const standIn = await startStandIn(`http://localhost:${port}`, data.path)
  const env = { DATABASE_URL: postgres.url, DATA_DIR: data.path, STAND_IN_URL: standIn.url }
  const demo = await startDemo({ port, env })
  const pool = new Pool({ connectionString: postgres.url })
  return {
    demo,
    standIn,
    browser,
    async expireAttempts() {
      const { rowCount } = await pool.query("update mortise.challenges set expires_at = now()")
      expect(rowCount).toBeGreaterThan(0)
    },
    async ageSessions() {
      await pool.query(
        "update mortise.sessions set authenticated_at = authenticated_at - interval '10 minutes'",
      )
    },
    async close() {
      await Promise.all([browser.close(), demo.stop(), standIn.kill(), pool.end()])
      await Promise.all([postgres.stop(), data.remove()])
    },
  }
}

/** The buttons' names. */
export const labels = ["Google", "GitHub", "Microsoft"] as const

/** What somebody does at the stand-in. */
export interface AtStandIn {
  /** Whether the provider says that it has verified the address. Default true. */
  readonly verified?: boolean
}

/** Presses a provider's button and types an address there: what comes is the question whether to allow it. */
export async function goTo(
  page: Page,
  button: string,
  email: string,
  options: AtStandIn = {},
): Promise<void> {
  await page.getByRole("button", { name: button }).click()
  await page.getByText(`Stand-in for ${labelIn(button)}`).waitFor()
  await page.getByLabel("Email address").fill(email)
  if (options.verified === false) await page.getByRole("checkbox").uncheck()
  await page.getByRole("button", { name: "Next" }).click()
  await page.getByRole("heading", { name: "Deckle wants to know who you are" }).waitFor()
}

/** The same, and allows it. */
export async function allow(page: Page, button: string, email: string, options?: AtStandIn): Promise<void> {
  await goTo(page, button, email, options)
  await page.getByRole("button", { name: "Allow" }).click()
}

/** The address to which the stand-in would send this browser back, without going there. The page is still at the question. */
export async function allowedCallback(page: Page, email: string): Promise<string> {
  const form = { email, verified: "yes", decision: "allow" }
  const answered = await page.request.post(page.url(), { form, maxRedirects: 0 })
  const resumed = await page.request.get(answered.headers()["location"] ?? "", { maxRedirects: 0 })
  return resumed.headers()["location"] ?? ""
}

function labelIn(button: string): string {
  return labels.find((label) => button.endsWith(label)) ?? ""
}
