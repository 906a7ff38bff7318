import { type Request, type RequestHandler, Router } from "express"
import { areaNames } from "../pages/areas.js"
import { sendPage } from "../pages/send-page.js"
import { wirePage } from "../pages/wire.js"

/** Where one can look at what a browser sends to an area: open, and outside of all of them. */
const wirePaths: readonly string[] = [
  "/wire",
  ...areaNames.map((name) => `/${name}/wire`),
  ...areaNames.map((name) => `/api/v1/${name}/wire`),
]

/** What came on the wire with this request: the names of the cookies, never a value, and whether there was an Authorization header. */
export interface Wire {
  readonly path: string
  readonly cookies: readonly string[]
  readonly authorization: boolean
}

export function wireOf({ path, headers }: Request): Wire {
  const pairs = headers.cookie?.split(";") ?? []
  const cookies = pairs.map((pair) => pair.split("=", 1)[0]?.trim() ?? "").filter(Boolean)
  return { path, cookies, authorization: headers.authorization !== undefined }
}

/** Answers below each area, and outside of all, with what it was sent: to a person as a page, to a script as JSON. */
export function wireRoutes(): Router {
  const echo: RequestHandler = (req, res) => {
    const wire = wireOf(req)
    if (req.accepts("html", "json") === "html") sendPage(res, wirePage(wire))
    else res.set("cache-control", "no-store").json(wire)
  }
  return Router().get([...wirePaths], echo)
}
