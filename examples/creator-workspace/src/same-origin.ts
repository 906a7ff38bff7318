import type { RequestHandler } from "express"

/**
 * Lets a request that changes something pass only if it comes from one of our own pages (CSRF). Browsers say so in Sec-Fetch-Site,
 * older ones in Origin. The library does the same for its own routes.
 */
export function sameOrigin(origin: string): RequestHandler {
  return function sameOrigin(req, res, next) {
    const site = req.headers["sec-fetch-site"]
    const ours = site === undefined ? req.headers.origin === origin : site === "same-origin"
    if (ours) next()
    else res.status(403).type("text").send("This request came from another site.")
  }
}
