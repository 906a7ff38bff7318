import { fileURLToPath } from "node:url"
import { StoreError } from "@mortise/core"
import { mortise } from "@mortise/express"
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from "express"
import { adminApi } from "./areas/admin-api.js"
import { adminPages } from "./areas/admin-pages.js"
import { administration } from "./areas/administration.js"
import { publicRoutes } from "./areas/public-routes.js"
import { signInRoutes } from "./areas/sign-in-routes.js"
import { storeApi } from "./areas/store-api.js"
import { storePages } from "./areas/store-pages.js"
import { storefrontApi } from "./areas/storefront-api.js"
import { storefrontPages } from "./areas/storefront-pages.js"
import { wireRoutes } from "./areas/wire.js"
import type { Doors } from "./auth.js"
import { problemPage } from "./pages/problem.js"
import { sendPage, sendProblem } from "./pages/send-page.js"
import { securityHeaders } from "./security-headers.js"
import type { OpenStores } from "./stores.js"
import type { RunTrials } from "./trials/run-trials.js"

const publicFiles = fileURLToPath(new URL("../public", import.meta.url))

/** What the application is made of. */
export interface AppParts {
  readonly doors: Doors
  readonly stores: OpenStores
  readonly runTrials: RunTrials
}

/** The application, from the outside in. What is mounted below `mortise(site)` and lies in an area has a session of its realm, or is `open`. */
export function createApp({ doors, stores, runTrials }: AppParts): Express {
  const app = express()
  const { site, storeAccess } = doors
  const admin = { ...stores, administration: administration(site.realms.admin, stores) }

  app.disable("x-powered-by").disable("etag")
  app.use(securityHeaders())
  app.use("/assets", express.static(publicFiles))
  app.use(mortise(site))
  app.use(publicRoutes({ ...stores, table: site.table, runTrials }))
  app.use(wireRoutes(), signInRoutes())
  app.use(adminPages(admin), adminApi(admin))
  app.use(storePages({ ...stores, storeAccess }), storeApi({ ...stores, storeAccess }))
  app.use(storefrontPages(stores), storefrontApi(stores))
  app.use((req, res) => answerProblem(req, res, 404, "There is nothing at this address."))
  app.use(answerFault)
  return app
}

/** What the stores could not do. The cause is for the log. Four parameters, or Express does not take it for an error handler. */
const answerFault: ErrorRequestHandler = (fault, req, res, next) => {
  if (res.headersSent) return next(fault)
  const status = statusOf(fault)
  if (status >= 500) console.error(fault)
  if (status === 503) res.set("retry-after", "1")
  const detail =
    status === 503
      ? "Our database does not answer. Please try again in a moment."
      : status >= 500
        ? "That was us, not you. Please try again."
        : "We cannot read that request."
  answerProblem(req, res, status, detail)
}

/** A store that is down; a body that a parser could not read, as it says itself. */
function statusOf(fault: unknown): number {
  if (fault instanceof StoreError) return 503
  const status: unknown = fault instanceof Error && "status" in fault ? fault.status : 500
  return typeof status === "number" && status >= 400 && status < 500 ? status : 500
}

const reasons: Readonly<Record<number, string>> = { 404: "not_found", 500: "internal", 503: "unavailable" }

function answerProblem(req: Request, res: Response, status: number, detail: string): void {
  if (req.accepts("json", "html") === "html") sendPage(res.status(status), problemPage({ status, detail }))
  else sendProblem(res, status, reasons[status] ?? "invalid_request", detail)
}
