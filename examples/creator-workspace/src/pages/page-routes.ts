import type { Auth } from "@mortise/core"
import { requireSession } from "@mortise/express"
import { type Request, Router } from "express"
import { accountPage } from "./account.js"
import { devicesPage } from "./devices.js"
import { homePage } from "./home.js"
import { registerPage } from "./register.js"
import { pageState, queryText, sendPage, signedInCreator } from "./send-page.js"
import { type EntryState, signInPage } from "./sign-in.js"

/** The pages around the workspace. What their forms do is done by the library, below /auth. */
export function pageRoutes(auth: Pick<Auth, "sessions">): Router {
  const routes = Router()

  routes.get("/", (req, res) => sendPage(res, homePage(req.auth ?? undefined)))

  routes.get("/sign-in", (req, res) => {
    if (req.auth) res.redirect(303, "/workspace")
    else sendPage(res, signInPage(entryState(req)))
  })

  routes.get("/register", (req, res) => {
    if (req.auth) res.redirect(303, "/workspace")
    else sendPage(res, registerPage(entryState(req)))
  })

  routes.get("/devices", requireSession(), async (req, res) => {
    const creator = signedInCreator(req)
    const sessions = await auth.sessions.list(creator.userId)
    sendPage(res, devicesPage(creator, { sessions, now: Date.now(), ...pageState(req) }))
  })

  routes.get("/account", requireSession(), (req, res) => {
    sendPage(res, accountPage(signedInCreator(req), pageState(req)))
  })

  return routes
}

function entryState(req: Request): EntryState {
  return { ...pageState(req), returnTo: queryText(req, "return_to") }
}
