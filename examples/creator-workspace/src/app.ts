import { fileURLToPath } from "node:url"
import { StoreError } from "@mortise/core"
import { mortise } from "@mortise/express"
import express, { type ErrorRequestHandler, type Express } from "express"
import type { ArticleStore } from "./articles/article.js"
import { articleRoutes } from "./articles/article-routes.js"
import { type PageSources, pageRoutes } from "./pages/page-routes.js"
import { problemPage } from "./pages/problem.js"
import { sendPage } from "./pages/send-page.js"
import { securityHeaders } from "./security-headers.js"

const publicFiles = fileURLToPath(new URL("../public", import.meta.url))

/** What the application is made of. */
export interface AppParts extends PageSources {
  readonly articles: ArticleStore
  /** Where forms lead on to besides here: the sign-in pages of the providers. */
  readonly signInOrigins: readonly string[]
}

/** The application, from the outside in. */
export function createApp({ articles, signInOrigins, ...sources }: AppParts): Express {
  const app = express()
  app.disable("x-powered-by").disable("etag")
  app.use(securityHeaders(signInOrigins))
  app.use("/assets", express.static(publicFiles))
  app.use(mortise(sources.auth))
  app.use(pageRoutes(sources))
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
