import { type Answer, noStore } from "./answer.js"
import type { Incoming } from "./incoming.js"

/** A browser that goes there itself: no picture, frame or script of a page's. What does not say from which site it comes is no browser. */
export function isNavigation(incoming: Incoming): boolean {
  if (!incoming.header("sec-fetch-site")) return true
  const mode = incoming.header("sec-fetch-mode") ?? "navigate"
  const destination = incoming.header("sec-fetch-dest") ?? "document"
  return mode === "navigate" && destination === "document"
}

/** Whoever sends JSON wants JSON; forms and links are taken on by the browser. */
export function isScript(incoming: Incoming): boolean {
  return incoming.header("content-type")?.includes("json") ?? false
}

/** What stands behind the "?". */
export function queryOf({ target }: Incoming): URLSearchParams {
  return new URLSearchParams(target.split("?").slice(1).join("?"))
}

/** What a script hears, with headers of the route's own. */
export function jsonAnswer(body: object, headers: Answer["headers"], status = 200): Answer {
  return {
    status,
    headers: [noStore, ["content-type", "application/json"], ...headers],
    body: JSON.stringify(body),
  }
}
