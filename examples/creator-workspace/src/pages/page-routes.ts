import { requireSession } from "@mortise/express"
import { type Request, Router } from "express"
import type { Creator, CreatorAuth } from "../auth.js"
import { accountPage } from "./account.js"
import { devicesPage } from "./devices.js"
import { homePage } from "./home.js"
import { linkAccountPage, type Waiting } from "./link-account.js"
import type { Offer } from "./provider-buttons.js"
import { registerPage } from "./register.js"
import { pageState, queryText, sendPage, signedInCreator } from "./send-page.js"
import { type EntryState, linkPath, signInPage } from "./sign-in.js"

/** What the pages ask. */
export interface PageSources {
  readonly auth: CreatorAuth
  readonly offer: Offer
  /** Whether the user can sign in with a password. */
  hasPassword(userId: string): Promise<boolean>
}

/** The pages around the workspace. What their forms do is done by the library, below /auth. */
export function pageRoutes({ auth, offer, hasPassword }: PageSources): Router {
  const routes = Router()
  const { oauth } = auth.flows

  routes.get("/", (req, res) => sendPage(res, homePage(req.auth ?? undefined)))

  routes.get("/sign-in", async (req, res) => {
    // Whoever is signed in has no business here, unless for something that takes a fresh sign-in, or one that just failed.
    const wanted = queryText(req, "again") !== undefined || queryText(req, "error") !== undefined
    if (!req.auth) sendPage(res, signInPage(entryState(req)))
    else if (wanted) sendPage(res, await signInAgainPage(req, req.auth))
    else res.redirect(303, "/workspace")
  })

  routes.get("/register", (req, res) => {
    if (req.auth) res.redirect(303, "/workspace")
    else sendPage(res, registerPage(entryState(req)))
  })

  routes.get(linkPath, async (req, res) => {
    const { error } = pageState(req, offer.providers)
    const state = { waiting: await waitingIn(req), offer, error, stale: isStale(req) }
    sendPage(res, linkAccountPage(state, req.auth ?? undefined))
  })

  routes.get("/devices", requireSession(), async (req, res) => {
    const creator = signedInCreator(req)
    const sessions = await auth.sessions.list(creator.userId)
    sendPage(res, devicesPage(creator, { sessions, now: Date.now(), ...pageState(req) }))
  })

  routes.get("/account", requireSession(), async (req, res) => {
    const creator = signedInCreator(req)
    const state = {
      identities: await oauth.identities(creator.userId),
      hasPassword: await hasPassword(creator.userId),
      offer,
      stale: isStale(req),
      ...pageState(req, offer.providers),
    }
    sendPage(res, accountPage(creator, state))
  })

  function entryState(req: Request): EntryState {
    return { offer, ...pageState(req, offer.providers), returnTo: queryText(req, "return_to") }
  }

  async function signInAgainPage(req: Request, creator: Creator): Promise<string> {
    const identities = await oauth.identities(creator.userId)
    const own = offer.providers.filter(({ name }) => identities.some(({ provider }) => provider === name))
    const state = { ...entryState(req), offer: { ...offer, providers: own } }
    return signInPage(state, { creator, hasPassword: await hasPassword(creator.userId) })
  }

  /** What waits to be connected in this browser, after "Continue with …" met an account with the same address. */
  async function waitingIn(req: Request): Promise<Waiting | undefined> {
    const pending = await oauth.pending({ pending: oauth.pendingOf(req.headers.cookie) })
    const label = offer.providers.find(({ name }) => name === pending?.provider)?.label
    return pending && { ...pending, label: label ?? pending.provider }
  }

  return routes
}

function isStale(req: Request): boolean {
  return queryText(req, "error") === "reauthentication_required"
}
