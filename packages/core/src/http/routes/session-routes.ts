import { refuse } from "../../outcome.js"
import { textFields } from "../fields.js"
import { principalJson } from "../principal-json.js"
import { grantSession, type Route, route, signedIn } from "../route.js"

const bearer = /^(?:bearer|dpop)\b/i
const whichSessions = textFields("session")

/** An active user's session goes on: for clients that renew it before it is over. */
export const refreshRoute: Route = route({
  name: "refresh",
  async step({ sessions, context }) {
    const renewed = await sessions.renew(context.token, context)
    return renewed ? grantSession(renewed, "home") : refuse("not_signed_in")
  },
})

/** What every realm offers, whatever its flows: the own session, the list of one's sessions, ending them. */
export const sessionRoutes: readonly Route[] = [
  route({
    name: "session",
    method: "GET",
    async step({ sessions, context, incoming }) {
      const found = await sessions.resume(context.token, incoming)
      const json = found ? principalJson(found.principal) : { user: null, session: null }
      return { ok: true, json, page: "home", cookie: found }
    },
  }),

  route({
    name: "logout",
    async step({ sessions, context, incoming }) {
      const principal = await sessions.read(context.token, incoming)
      // Whoever came with a token that is not taken must not hear that its session, refresh token and all, has ended.
      if (!principal && bearer.test(incoming.header("authorization") ?? "")) return refuse("not_signed_in")
      if (principal) await sessions.end(principal.userId, principal.session.id, "signed_out", context)
      return { ok: true, json: {}, page: "signedOut", cookie: "clear" }
    },
  }),

  route({
    name: "sessions",
    method: "GET",
    step: signedIn(async ({ userId, session }, { sessions }) => {
      const views = await sessions.list(userId)
      return {
        ok: true,
        json: { sessions: views.map((view) => ({ ...view, current: view.id === session.id })) },
        page: "devices",
      }
    }),
  }),

  route({
    name: "endSession",
    method: "DELETE",
    path: "sessions/:id",
    refusedPage: "devices",
    step: signedIn(async ({ userId, session }, { sessions, context, params }) => {
      const id = params["id"] ?? ""
      if (!(await sessions.end(userId, id, "revoked", context))) return refuse("not_found")
      return { ok: true, json: {}, page: "devices", cookie: id === session.id ? "clear" : undefined }
    }),
  }),

  // The same for HTML forms, which cannot send DELETE, and for several sessions at once.
  route({
    name: "endSessions",
    path: "sessions/end",
    refusedPage: "devices",
    body: whichSessions,
    step: signedIn(async ({ userId, session }, { sessions, context, body: { session: which } }) => {
      const ended =
        which === "all" || which === "others"
          ? await sessions.endAll(userId, "revoked", context, which === "others" ? session.id : undefined)
          : Number(await sessions.end(userId, which, "revoked", context))
      if (ended === 0 && which !== "others") return refuse("not_found")
      const json = { ended }
      return which === "all" || which === session.id
        ? { ok: true, json, page: "signIn", cookie: "clear" }
        : { ok: true, json, page: "devices", notice: "sessions_ended" }
    }),
  }),
]
