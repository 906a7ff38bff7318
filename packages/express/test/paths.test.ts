import { fileURLToPath } from "node:url"
import type { Realms } from "@mortise/core/realms"
import express, { type RequestHandler } from "express"
import { describe } from "vitest"
import type { RunningHost } from "../../hono/test/behaviours/host.js"
import { checkPaths, isInArea, secret } from "../../hono/test/paths/paths-checks.js"
import { mortise } from "../src/index.js"
import { expresses, listen } from "./express-host.js"

const folder = fileURLToPath(new URL("../../hono/test/paths/public", import.meta.url))

describe.each(expresses)("paths on %s", (_, create) => {
  // Of an absolute form Express routes the path; everything else is seen as it was sent.
  const seen = (target: string): string => target.replace(/^https?:\/\/[a-z\d.-]+(?::\d+)?\//i, "/")

  function start(site: Realms | undefined): Promise<RunningHost> {
    const app = create()
    if (site) app.use(mortise(site))
    app.use(express.static(folder, { redirect: false }))
    app.all("/about", says("PUBLIC"))
    app.all("/store/login", says("LOGIN"))
    app.use("/store/assets", says("ASSET"))
    app.all("/store/:storeCode/dashboard", says(secret))
    app.use("/store", says(secret))
    app.all("/api/v1/store/orders", says(secret))
    app.use((req, res, next) => (isInArea(req.originalUrl) ? says(secret)(req, res, next) : next()))
    return listen(app)
  }

  checkPaths({ start, seen })
})

function says(text: string): RequestHandler {
  return (_req, res) => void res.set("x-said", text).send(text)
}
