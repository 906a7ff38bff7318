import { contextOf } from "@mortise/hono"
import { type Context, Hono } from "hono"
import type { AppParts, ParlourEnv } from "../app.js"
import { isStale, ownPath, pageState, sendPage } from "./asked.js"
import { homePage } from "./home.js"
import { mailsPage } from "./mails.js"
import { type AppSetup, enrolFirstPage, secondFactorPage } from "./second-factor.js"
import { forgotPage, registerPage, resetPage, signInPage } from "./sign-in.js"

/** The pages before somebody is in. What their forms do is done by the library, below /api/auth. */
export function entryRoutes({ auth, senders }: AppParts): Hono<ParlourEnv> {
  const { mfa } = auth.flows
  const routes = new Hono<ParlourEnv>()

  routes.get("/", (c) =>
    sendPage(c, homePage(c.get("auth") ?? undefined, pageState(c), senders.arrived !== undefined)),
  )

  routes.get("/sign-in", (c) => {
    const guest = c.get("auth")
    if (!guest) return sendPage(c, signInPage(entryState(c)))
    // A guard has sent somebody here who is signed in, and must show it once more.
    if (isStale(c)) {
      const query = new URLSearchParams({
        error: c.req.query("error") ?? "",
        return_to: returnTo(c) ?? "/room",
      })
      return c.redirect(`/confirm?${query}`, 303)
    }
    return c.req.query("error") === undefined
      ? c.redirect("/room", 303)
      : sendPage(c, signInPage(entryState(c), guest))
  })

  routes.get("/register", (c) =>
    c.get("auth") ? c.redirect("/room", 303) : sendPage(c, registerPage(entryState(c))),
  )

  routes.get("/forgot-password", (c) => sendPage(c, forgotPage(pageState(c))))

  routes.get("/reset-password", async (c) => {
    const { peekReset, resetTokenOf } = auth.flows.password
    const seen = await peekReset({ token: resetTokenOf(c.req.header("cookie")) })
    return sendPage(c, resetPage(pageState(c), seen.ok ? seen.email : undefined))
  })

  routes.get("/second-factor", async (c) => {
    const challenge = mfa.challengeOf(c.req.header("cookie"))
    const view = await mfa.challenge({ challenge })
    if (!view) return c.redirect("/sign-in?error=mfa_challenge_invalid", 303)
    if (view.enrol.length === 0) return sendPage(c, secondFactorPage(view, entryState(c)))
    const begun = await mfa.enrol({ factor: "totp", challenge }, contextOf(c))
    return begun.ok
      ? sendPage(c, enrolFirstPage(begun.json as AppSetup, entryState(c)))
      : c.redirect(`/sign-in?error=${begun.reason}`, 303)
  })

  routes.get("/mails", async (c, next) =>
    senders.arrived ? sendPage(c, mailsPage(await senders.arrived())) : next(),
  )

  routes.get("/mails.json", async (c, next) => {
    if (!senders.arrived) return next()
    c.header("cache-control", "no-store")
    return c.json({ mails: await senders.arrived() })
  })

  return routes
}

function entryState(c: Context): {
  error: string | undefined
  notice: string | undefined
  returnTo: string | undefined
} {
  return { ...pageState(c), returnTo: returnTo(c) }
}

function returnTo(c: Context): string | undefined {
  const path = c.req.query("return_to")
  return path === undefined ? undefined : ownPath(path)
}
