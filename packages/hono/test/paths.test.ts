import { fileURLToPath } from "node:url"
import type { HttpBindings } from "@hono/node-server"
import { serveStatic } from "@hono/node-server/serve-static"
import type { Realms } from "@mortise/core/realms"
import { type Handler, Hono } from "hono"
import { describe } from "vitest"
import { mortise } from "../src/index.js"
import type { RunningHost } from "./behaviours/host.js"
import { serveOnNode } from "./hono-hosts.js"
import { checkPaths, isInArea, secret } from "./paths/paths-checks.js"

const folder = fileURLToPath(new URL("paths/public", import.meta.url))

describe("paths on Hono", () => {
  // Where a target is not plain, node-server makes a URL of it first, and router and library see that.
  function seen(target: string): string | undefined {
    const url = parseUrl(target)
    return url && url.pathname + url.search
  }

  function start(site: Realms | undefined): Promise<RunningHost> {
    const app = new Hono<{ Bindings: HttpBindings }>()
    if (site) app.use(mortise(site))
    app.use(serveStatic({ root: folder }))
    app.all("/about", says("PUBLIC"))
    app.all("/store/login", says("LOGIN"))
    app.all("/store/assets/*", says("ASSET"))
    app.all("/store/:storeCode/dashboard", says(secret))
    app.all("/store/*", says(secret))
    app.all("/api/v1/store/orders", says(secret))
    app.all("*", (c, next) =>
      isInArea(c.req.url) || isInArea(c.env.incoming.url ?? "") ? says(secret)(c, next) : c.notFound(),
    )
    return serveOnNode(app as never)
  }

  checkPaths({ start, seen })
})

function parseUrl(target: string): URL | undefined {
  return URL.canParse(target, "http://shop.test") ? new URL(target, "http://shop.test") : undefined
}

function says(text: string): Handler {
  return (c) => c.text(text, 200, { "x-said": text })
}
