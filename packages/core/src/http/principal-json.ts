import type { Principal } from "../sessions/session.js"

/** The signed-in user and session as JSON; the token is never part of it. */
export function principalJson(principal: Principal<object>): object {
  return { user: { id: principal.userId, claims: principal.claims }, session: principal.session }
}
