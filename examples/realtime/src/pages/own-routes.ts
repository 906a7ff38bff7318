import { allOf, assurance, fresh, hasRole } from "@mortise/core/guard"
import { contextOf, requireSession } from "@mortise/hono"
import { type Context, Hono } from "hono"
import type { AppParts, ParlourEnv } from "../app.js"
import type { ParlourAuth } from "../auth.js"
import { activityPage, keeperPage, type LogPart } from "./activity.js"
import { isStale, ownPath, pageState, sendPage } from "./asked.js"
import { devicesPage } from "./devices.js"
import { privacyPage } from "./privacy.js"
import { closeRoomPage, roomPage } from "./room.js"
import type { AppSetup } from "./second-factor.js"
import { appPage, confirmPage, phonePage, securityPage } from "./security.js"

const pageLength = 50

/** What takes two factors, and a proof no older than this: everybody loses by it. */
const sensitive = allOf(assurance(2), fresh("5m"))

/** The pages of somebody who is in, and the room's own forms. */
export function ownRoutes({ auth, room, senders, stores }: AppParts): Hono<ParlourEnv> {
  const { account, mfa, passkeys } = auth.flows
  const routes = new Hono<ParlourEnv>()

  routes.get("/room", requireSession(), async (c) => {
    const guest = c.get("auth")
    const [name, messages] = await Promise.all([stores.people.nameOf(guest.userId), room.latest()])
    return sendPage(c, roomPage(guest, { name, messages, people: room.people(), ...pageState(c) }))
  })

  routes.post("/room/messages", requireSession(), async (c) => {
    const said = await room.say(c.get("auth").userId, await field(c, "text"))
    return c.redirect(said ? "/room" : "/room?error=bad_message", 303)
  })

  routes.post("/room/name", requireSession(), async (c) => {
    const renamed = await room.rename(c.get("auth").userId, await field(c, "name"))
    return c.redirect(renamed ? "/room?notice=renamed" : "/room?error=bad_name", 303)
  })

  routes.get("/room/close", requireSession(sensitive), async (c) =>
    sendPage(c, closeRoomPage(c.get("auth"), (await room.latest()).length)),
  )

  routes.post("/room/close", requireSession(sensitive), async (c) => {
    await room.clear()
    return c.redirect("/room?notice=room_closed", 303)
  })

  // Forms of the library's that are refused lead to this page; where they came from another one, they lead on to that.
  routes.get("/security", async (c, next) => {
    const query = new URL(c.req.url).searchParams
    // Whoever enrols their first factor while they sign in is in no session yet.
    const challenge = mfa.challengeOf(c.req.header("cookie"))
    if (!c.get("auth") && (await mfa.challenge({ challenge }))) {
      return c.redirect(`/second-factor?${query}`, 303)
    }
    if (query.get("notice") === "enrol_phone") return c.redirect("/security/phone?notice=code_sent", 303)
    const from = query.get("return_to")
    if (!query.has("error") || from === null || isStale(c)) return next()
    if (from === "/security/totp" || from === "/security/phone") return c.redirect(`${from}?${query}`, 303)
    return query.get("error") === "wrong_password" ? c.redirect(`/confirm?${query}`, 303) : next()
  })

  routes.get("/security", requireSession(), async (c) => {
    const guest = c.get("auth")
    const state = {
      ...(await mfa.factors(guest.userId)),
      passkeys: await passkeys.passkeys(guest.userId),
      canText: senders.text !== undefined,
      stale: isStale(c),
      ...pageState(c),
    }
    return sendPage(c, securityPage(guest, state))
  })

  routes.get("/security/totp", requireSession(), async (c) => {
    const begun = await mfa.enrol({ factor: "totp" }, contextOf(c))
    if (!begun.ok) return c.redirect(`/security?error=${begun.reason}`, 303)
    return sendPage(c, appPage(c.get("auth"), begun.json as AppSetup, pageState(c)))
  })

  routes.get("/security/phone", requireSession(), async (c) => {
    const pending = await mfa.enrol({ factor: "phone" }, contextOf(c))
    if (!pending.ok && pending.reason !== "invalid_request") {
      return c.redirect(`/security?error=${pending.reason}`, 303)
    }
    const label = pending.ok ? (pending.json as { label: string }).label : undefined
    return sendPage(c, phonePage(c.get("auth"), label, pageState(c)))
  })

  routes.get("/confirm", requireSession(), async (c) => {
    const guest = c.get("auth")
    const { factors } = await mfa.factors(guest.userId)
    const needsFactor = c.req.query("error") === "insufficient_user_authentication"
    const hasFactor = factors.length > 0 || (await passkeys.passkeys(guest.userId)).length > 0
    return sendPage(
      c,
      confirmPage(guest, hasFactor, needsFactor, ownPath(c.req.query("return_to")), pageState(c)),
    )
  })

  routes.get("/devices", requireSession(), async (c) => {
    const guest = c.get("auth")
    const sessions = await auth.sessions.list(guest.userId)
    return sendPage(c, devicesPage(guest, { sessions, now: Date.now(), ...pageState(c) }))
  })

  routes.get("/activity", requireSession(), async (c) => {
    const guest = c.get("auth")
    return sendPage(c, activityPage(guest, await logPart(c, guest.userId)))
  })

  routes.get("/keeper", requireSession<ParlourAuth>(hasRole("keeper")), async (c) => {
    const verdict = c.req.query("check") === undefined ? undefined : await stores.auth.audit.verify()
    return sendPage(c, keeperPage(c.get("auth"), await logPart(c), verdict))
  })

  routes.get("/privacy", requireSession(), async (c) => {
    const guest = c.get("auth")
    const state = { consents: await account.consents(guest.userId), stale: isStale(c), ...pageState(c) }
    return sendPage(c, privacyPage(guest, state))
  })

  /** One more than is shown tells whether there are more. */
  async function logPart(c: Context, userId?: string): Promise<LogPart> {
    const before = Number(c.req.query("before")) || undefined
    const records = await stores.auth.audit.list({ userId, before, limit: pageLength + 1 })
    return { records: records.slice(0, pageLength), more: records.length > pageLength }
  }

  return routes
}

async function field(c: Context, name: string): Promise<string> {
  const value = (await c.req.parseBody())[name]
  return typeof value === "string" ? value : ""
}
