import { fileURLToPath } from "node:url"
import { upgradeWebSocket } from "@hono/node-server"
import { serveStatic } from "@hono/node-server/serve-static"
import { StoreError } from "@mortise/core"
import { type MortiseEnv, mortise, serveSockets } from "@mortise/hono"
import { Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import type { ParlourAuth } from "./auth.js"
import type { Senders } from "./mailbox/senders.js"
import { sendPage } from "./pages/asked.js"
import { entryRoutes } from "./pages/entry-routes.js"
import { ownRoutes } from "./pages/own-routes.js"
import { problemPage } from "./pages/problem.js"
import type { Room } from "./room/room.js"
import { securityHeaders } from "./security-headers.js"
import type { OpenStores } from "./stores.js"

const publicFiles = fileURLToPath(new URL("../public", import.meta.url))

/** What the application is made of. */
export interface AppParts {
  readonly auth: ParlourAuth
  readonly origin: string
  readonly room: Room
  readonly senders: Senders
  readonly stores: OpenStores
}

/** What every handler knows. */
export type ParlourEnv = MortiseEnv<ParlourAuth>

/** The application, from the outside in. */
export function createApp(parts: AppParts): Hono<ParlourEnv> {
  const { auth, origin, room } = parts
  const app = new Hono<ParlourEnv>()
  app.use(securityHeaders(origin))
  app.use(
    "/assets/*",
    serveStatic({ root: publicFiles, rewriteRequestPath: (path) => path.replace(/^\/assets/, "") }),
  )
  app.get("/ws", serveSockets(room.sockets, { upgradeWebSocket }))
  app.use(mortise(auth))
  app.use(bodyLimit({ maxSize: 16_384 }))
  app.route("/", entryRoutes(parts))
  app.route("/", ownRoutes(parts))
  app.notFound((c) => sendPage(c, problemPage(404), 404))
  // What a store could not do. The cause is for the log.
  app.onError((fault, c) => {
    console.error(fault)
    const status = fault instanceof StoreError ? 503 : 500
    if (status === 503) c.header("retry-after", "1")
    return sendPage(c, problemPage(status), status)
  })
  return app
}
