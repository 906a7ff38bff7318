import { type MortiseEnv, mortise } from "@mortise/hono"
import { Hono } from "hono"
import { secureHeaders } from "hono/secure-headers"
import { type CustomerAuth, createCustomerAuth } from "./auth.js"
import { customerRoutes } from "./customer-routes.js"
import type { CoreEnv } from "./env.js"
import { noSuchPage, pageRoutes } from "./pages/page-routes.js"
import { problemPage } from "./pages/problem-page.js"

/** The application, from the outside in. */
export function createApp(env: CoreEnv): Hono<MortiseEnv<CustomerAuth>> {
  const auth = createCustomerAuth(env)
  const app = new Hono<MortiseEnv<CustomerAuth>>()

  // Every page brings its own policy for scripts and styles; that no other site may frame it, only a header can say.
  app.use(
    secureHeaders({
      contentSecurityPolicy: { frameAncestors: ["'none'"] },
      referrerPolicy: "same-origin",
      // Other hosts of the domain are not ours to decide about.
      strictTransportSecurity: "max-age=15552000",
      // The page behind a link says more strictly what its address may tell.
      overwrite: false,
    }),
  )
  // Cloudflare overwrites this header with where the request comes from.
  app.use(mortise(auth, { address: (c) => c.req.header("cf-connecting-ip") }))
  app.route("/api/customer", customerRoutes(env.DATA))
  app.route("/", pageRoutes(env.ASSETS))
  app.notFound(noSuchPage)

  // A bound Worker or database that does not answer. The cause is for the log.
  app.onError((fault, c) => {
    console.error(fault)
    c.header("retry-after", "1")
    return c.req.header("accept")?.includes("text/html")
      ? c.html(problemPage({ status: 503 }), 503)
      : c.json({ status: 503, reason: "unavailable" }, 503)
  })
  return app
}
