import type { Seconds } from "../clock.js"
import type { Context } from "../context.js"
import { type Outcome, refuse } from "../outcome.js"
import type { Principal } from "../sessions/session.js"
import type { FlowKit } from "./flow.js"

/**
 * The signed-in user, if they have proven who they are a short while ago: what changes an account takes more than a browser that was left
 * open. Refusals: `not_signed_in`, `reauthentication_required`.
 */
export async function freshPrincipal(
  { clock, sessions }: Pick<FlowKit<never>, "clock" | "sessions">,
  maxAge: Seconds,
  { request, token }: Context,
): Promise<Outcome<{ principal: Principal<object> }>> {
  const principal = await sessions.read(token, request)
  if (!principal) return refuse("not_signed_in")
  const age = Math.abs(clock() - principal.session.authenticatedAt)
  return age <= maxAge * 1000 ? { ok: true, principal } : refuse("reauthentication_required")
}
