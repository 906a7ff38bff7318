import type { Request, Response } from "express"
import type { Creator } from "../auth.js"
import { errorText, noticeText } from "./messages.js"
import type { Offer } from "./provider-buttons.js"

/** Sends a page that holds somebody's own things: no cache keeps it, also not the browser's behind the back button. */
export function sendPage(res: Response, document: string): void {
  res.set("cache-control", "no-store").type("html").send(document)
}

/** The creator behind a route that stands behind `requireSession()`. */
export function signedInCreator(req: Request): Creator {
  if (req.auth) return req.auth
  throw new Error(`${req.path} is not guarded. Put requireSession() before it.`)
}

/** What a form post left in the address, as words. `providers` are those that may be named in them. */
export function pageState(
  req: Request,
  providers: Offer["providers"] = [],
): { error: string | undefined; notice: string | undefined } {
  const named = providers.find(({ name }) => name === queryText(req, "provider"))
  return {
    error: errorText(queryText(req, "error"), queryText(req, "retry_after"), named?.label),
    notice: noticeText(queryText(req, "notice")),
  }
}

/** One parameter of the query; undefined when it is doubled. */
export function queryText(req: Request, name: string): string | undefined {
  const value = req.query[name]
  return typeof value === "string" ? value : undefined
}
