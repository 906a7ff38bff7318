import type { Seconds } from "../clock.js"
import type { Context } from "../context.js"
import { type Outcome, refuse } from "../outcome.js"
import type { Principal } from "../sessions/session.js"
import type { FlowKit } from "./flow.js"
import { freshPrincipal } from "./fresh-session.js"

/** Whether this session was opened, or stepped up, with more than one factor. */
export function isStrong({ session }: Principal<object>): boolean {
  return session.methods.includes("mfa")
}

/**
 * The signed-in user, fresh ({@link freshPrincipal}), and with their second factor if they have one: for what changes how somebody gets in.
 * Refusals: `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`.
 */
export async function strongPrincipal(
  parts: Pick<FlowKit<never>, "clock" | "secondFactor" | "sessions">,
  maxAge: Seconds,
  context: Context,
): Promise<Outcome<{ principal: Principal<object> }>> {
  const fresh = await freshPrincipal(parts, maxAge, context)
  if (!fresh.ok || isStrong(fresh.principal)) return fresh
  return (await parts.secondFactor()?.isHeldBy(fresh.principal.userId))
    ? refuse("insufficient_user_authentication")
    : fresh
}
