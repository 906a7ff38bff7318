import { refuse } from "../../outcome.js"
import type { RefreshSessions } from "../../sessions/refresh/refresh-sessions.js"
import { jsonAnswer } from "../navigation.js"
import { principalJson } from "../principal-json.js"
import type { Reasons } from "../problem.js"
import { type Route, route } from "../route.js"
import { refreshRoute } from "./session-routes.js"

/** What only this strategy refuses for. */
export const refreshReasons: Reasons = {
  refresh_token_invalid: [401, "The session has ended. Sign in again."],
  refresh_token_reused: [401, "The session was ended for safety. Sign in again."],
  dpop_proof_invalid: [401, "The request does not prove that it comes from where its tokens belong."],
}

/**
 * Exchanges the refresh token in the body for new tokens; without one it renews the session of the cookie, as elsewhere. A browser sends cookies by
 * itself but no body, so a token in it is its own proof.
 */
export function refreshTokenRoute<C extends object>({ refresh }: Pick<RefreshSessions<C>, "refresh">): Route {
  return route<{ readonly token: string | undefined }>({
    name: "refresh",
    method: "POST",
    path: "refresh",
    refusedPage: "signIn",
    body(body) {
      if (typeof body !== "object" || body === null) return undefined
      const token: unknown = Reflect.get(body, "refresh_token")
      return token === undefined || typeof token === "string" ? { token } : undefined
    },
    async step(call) {
      const { body, context } = call
      if (body.token === undefined) return refreshRoute.answer(call)
      const outcome = await refresh(body.token, context)
      if (!outcome.ok) return outcome
      const { session: opened } = outcome
      const { issued, principal } = opened
      // JSON also for what was posted as a form, as OAuth clients do: a page could not hand the tokens on.
      return issued
        ? { ...jsonAnswer({ ...principalJson(principal), ...issued }, []), opened }
        : refuse("refresh_token_invalid")
    },
  })
}
