import { fileURLToPath } from "node:url"
import { StoreError } from "@mortise/core"
import { mortise } from "@mortise/express"
import express, { type ErrorRequestHandler, type Express } from "express"
import type { ArticleStore } from "./articles/article.js"
import { articleRoutes } from "./articles/article-routes.js"
import type { CreatorAuth } from "./auth.js"
import { pageRoutes } from "./pages/page-routes.js"
import { problemPage } from "./pages/problem.js"
import { sendPage } from "./pages/send-page.js"
import { securityHeaders } from "./security-headers.js"

const publicFiles = fileURLToPath(new URL("../public", import.meta.url))

/** The application, from the outside in. */
export function createApp(auth: CreatorAuth, articles: ArticleStore): Express {
  const app = express()
  app.disable("x-powered-by").disable("etag")
  app.use(securityHeaders)
  app.use("/assets", express.static(publicFiles))
  app.use(mortise(auth))
  app.use(pageRoutes(auth))
  app.use(articleRoutes(articles))
  app.use((req, res) => sendPage(res.status(404), problemPage(404, req.auth ?? undefined)))
  app.use(answerFault)
  return app
}

/** What the articles could not do. The cause is for the log. Four parameters, or Express does not take it for an error handler. */
const answerFault: ErrorRequestHandler = (fault, req, res, next) => {
  if (res.headersSent) return next(fault)
  console.error(fault)
  const down = fault instanceof StoreError
  const status = down ? 503 : 500
  res.status(status)
  if (down) res.set("retry-after", "1")
  if (req.accepts("html", "json") === "html") sendPage(res, problemPage(status, req.auth ?? undefined))
  else {
    const reason = down ? "unavailable" : "internal"
    res.type("application/problem+json").send(JSON.stringify({ status, reason }))
  }
}
