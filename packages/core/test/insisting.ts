import { setTimeout } from "node:timers/promises"
import type { TestClient } from "../src/testing/test-client.js"

/**
 * Tries again with the browser's own token for as long as somebody else's change has just taken it away: every one of many changes that rotate
 * one session gets its turn. `come` is the same browser as it comes to a server, with what it holds by now.
 */
export async function insisting(
  browser: TestClient,
  come: (browser: TestClient) => TestClient,
  step: (there: TestClient) => Promise<string>,
): Promise<string> {
  for (;;) {
    const there = come(browser)
    const outcome = await step(there)
    if (outcome === "ok") for (const [name, value] of there.cookies) browser.cookies.set(name, value)
    if (outcome !== "not_signed_in") return outcome
    await setTimeout(5)
  }
}
