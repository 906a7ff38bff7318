import type { RealmArea } from "@mortise/core/realms"
import { type Request, Router, urlencoded } from "express"
import { cookiesPage } from "../pages/cookies.js"
import { homePage } from "../pages/home.js"
import { sendPage } from "../pages/send-page.js"
import type { OpenStores } from "../stores.js"
import type { RunTrials } from "../trials/run-trials.js"
import type { TrialResult } from "../trials/trial.js"
import { trials } from "../trials/trials.js"
import { wireOf } from "./wire.js"

/** What the public pages are made of. */
export interface PublicParts extends Pick<OpenStores, "catalogue" | "directory"> {
  readonly table: readonly RealmArea[]
  readonly runTrials: RunTrials
}

/** What everybody may see, and nobody has to sign in for. */
export function publicRoutes({ catalogue, directory, table, runTrials }: PublicParts): Router {
  const routes = Router()

  routes.get("/", async (_req, res) => {
    sendPage(res, homePage(await directory.list(), await catalogue.list()))
  })

  routes.get("/api/v1/catalogue", async (_req, res) => {
    res.json({ products: await catalogue.list() })
  })

  routes.get("/cookies", (req, res) => sendPage(res, page(req, new Map())))

  routes.post("/cookies", urlencoded({ extended: false, limit: "1kb" }), async (req, res) => {
    const { trial } = req.body ?? {}
    const results = await runTrials(trials.filter(({ id }) => trial === "all" || trial === id))
    if (req.accepts("html", "json") === "html") sendPage(res, page(req, results))
    else res.json(Object.fromEntries(results))
  })

  function page(req: Request, results: ReadonlyMap<string, TrialResult>): string {
    return cookiesPage({ wire: wireOf(req), table, results })
  }

  return routes
}
