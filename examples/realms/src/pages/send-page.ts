import type { Request, Response } from "express"
import type { SignedIn } from "../auth.js"
import type { AreaName } from "./areas.js"
import { errorText, noticeText } from "./messages.js"

/** Sends a page that holds somebody's own things: no cache keeps it, also not the browser's behind the back button. */
export function sendPage(res: Response, document: string): void {
  res.set("cache-control", "no-store").type("html").send(document)
}

/** A "no" in JSON, as the library says it (RFC 9457). */
export function sendProblem(res: Response, status: number, reason: string, detail: string): void {
  res.status(status).type("application/problem+json").send(JSON.stringify({ status, reason, detail }))
}

/** Who is signed in to the area that the request lies in. */
export function signedIn(req: Request): SignedIn {
  if (req.auth) return req.auth
  throw new Error(`${req.path} lies in no area, or is open.`)
}

/** What a form post left in the address, as words. */
export function pageState(req: Request, area?: AreaName): PageState {
  const retryAfter = queryText(req, "retry_after")
  return {
    error: errorText(queryText(req, "error"), area ? { area, retryAfter } : { retryAfter }),
    notice: noticeText(queryText(req, "notice")),
  }
}

/** What happened just now. */
export interface PageState {
  readonly error: string | undefined
  readonly notice: string | undefined
}

/** One parameter of the query; undefined when it is doubled. */
export function queryText(req: Request, name: string): string | undefined {
  const value = req.query[name]
  return typeof value === "string" ? value : undefined
}
