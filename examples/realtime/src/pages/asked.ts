import type { Context } from "hono"
import type { PageState } from "./layout.js"
import { errorText, noticeText } from "./messages.js"

/** Sends a page that holds somebody's own things: no cache keeps it, also not the browser's behind the back button. */
export function sendPage(c: Context, document: string, status: 200 | 404 | 500 | 503 = 200): Response {
  c.header("cache-control", "no-store")
  return c.html(document, status)
}

/** What a form post left in the address, as words. */
export function pageState(c: Context): PageState {
  return {
    error: errorText(c.req.query("error"), c.req.query("retry_after")),
    notice: noticeText(c.req.query("notice")),
  }
}

/** Whether what was wanted takes a proof that it is still them. */
export function isStale(c: Context): boolean {
  const error = c.req.query("error")
  return error === "reauthentication_required" || error === "insufficient_user_authentication"
}

/** A way back that stays on this site; whatever else is asked for leads to the front page. */
export function ownPath(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])[\w\-./?=&%]*$/.test(path) ? path : "/"
}
