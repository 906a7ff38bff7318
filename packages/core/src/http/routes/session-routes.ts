import * as z from "zod/mini"
import { refuse } from "../../outcome.js"
import { principalJson } from "../principal-json.js"
import { type Route, route, signedIn } from "../route.js"

/** What every realm offers, whatever its flows: the own session, the list of one's sessions, ending them. */
export const sessionRoutes: readonly Route[] = [
  route({
    name: "session",
    method: "GET",
    path: "session",
    refusedPage: "signIn",
    async step({ sessions, context }) {
      const principal = context.token === undefined ? undefined : await sessions.read(context.token)
      return {
        ok: true,
        json: principal ? principalJson(principal) : { user: null, session: null },
        page: "home",
      }
    },
  }),

  route({
    name: "logout",
    method: "POST",
    path: "logout",
    refusedPage: "signIn",
    async step({ sessions, context }) {
      const principal = context.token === undefined ? undefined : await sessions.read(context.token)
      if (principal) await sessions.end(principal.userId, principal.session.id, "signed_out", context)
      return { ok: true, json: {}, page: "signedOut", cookie: "clear" }
    },
  }),

  route({
    name: "sessions",
    method: "GET",
    path: "sessions",
    refusedPage: "signIn",
    step: (call) =>
      signedIn(call, async (principal) => {
        const views = await call.sessions.list(principal.userId)
        const current = principal.session.id
        return {
          ok: true,
          json: { sessions: views.map((view) => ({ ...view, current: view.id === current })) },
          page: "devices",
        }
      }),
  }),

  route({
    name: "endSession",
    method: "DELETE",
    path: "sessions/:id",
    refusedPage: "devices",
    step: (call) =>
      signedIn(call, async (principal) => {
        const id = call.params["id"] ?? ""
        const ended = await call.sessions.end(principal.userId, id, "revoked", call.context)
        if (!ended) return refuse("not_found")
        return {
          ok: true,
          json: {},
          page: "devices",
          ...(id === principal.session.id ? { cookie: "clear" } : {}),
        }
      }),
  }),

  // The same for HTML forms, which cannot send DELETE, and for several sessions at once.
  route({
    name: "endSessions",
    method: "POST",
    path: "sessions/end",
    refusedPage: "devices",
    body: z.object({ session: z.string().check(z.maxLength(64)) }),
    step: (call) =>
      signedIn(call, async (principal) => {
        const { sessions, context, body } = call
        const own = principal.session.id
        if (body.session === "others") {
          const ended = await sessions.endAll(principal.userId, "revoked", context, own)
          return { ok: true, json: { ended }, page: "devices", notice: "sessions_ended" }
        }
        if (body.session === "all") {
          const ended = await sessions.endAll(principal.userId, "revoked", context)
          return { ok: true, json: { ended }, page: "signIn", cookie: "clear" }
        }
        if (!(await sessions.end(principal.userId, body.session, "revoked", context)))
          return refuse("not_found")
        if (body.session === own) return { ok: true, json: { ended: 1 }, page: "signIn", cookie: "clear" }
        return { ok: true, json: { ended: 1 }, page: "devices", notice: "sessions_ended" }
      }),
  }),
]
