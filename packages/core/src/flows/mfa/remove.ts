/*
 *  User                 mfa flow                      sessions   credentials   mailer
 *     │ factor            │ 1 who asks? Fresh, and with what they have ▶│         │
 *     ├──────────────────▶│   one at a time per user      │            │         │
 *     │                   │ 2 may they be without? ──────────────────▶│         │
 *     │                   │ 3 take it away, with the last the codes ──▶│         │
 *     │                   │ 4 end all other sessions ────▶│            │         │
 *     │  new token        │ 5 rotate this one ───────────▶│            │         │
 *     │◀──────────────────┤ 6 tell the user ──────────────────────────────────▶│
 */
import type { Context } from "../../context.js"
import type { FactorKind } from "../../events.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession, Principal } from "../../sessions/session.js"
import { rotateOrEnd, writeAndEnd } from "../ended-sessions.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import { lossOf, type MfaParts } from "./mfa.js"

/** See {@link MfaSteps.remove}. */
export async function removeFactor(
  parts: MfaParts,
  kind: FactorKind,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  // 1 who asks?
  const asked = await strongPrincipal(parts, parts.settings.fresh, context)
  if (!asked.ok) return asked
  if (!parts.factors.get(kind)?.enrolment) return refuse("not_found")
  const { principal } = asked
  return changeWaysIn(parts, principal.userId, () => takeAway(parts, kind, principal, context))
}

async function takeAway(
  parts: MfaParts,
  kind: FactorKind,
  principal: Principal<object>,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { clock, credentials, emit, mailTo, recovery, settings, users } = parts
  const { session, userId } = principal
  const still = await strongPrincipal(parts, settings.fresh, context)
  if (!still.ok) return still
  // 2 may they be without?
  const user = await users.find(userId)
  const held = await credentials.listByUser(userId)
  const mine = held.find((credential) => credential.kind === kind)
  if (!user || !mine) return refuse("not_found")
  const loss = await lossOf(parts, user, held, mine)
  if (loss === "required") return refuse("last_way_in")
  // 3 take it away; 4 end all other sessions
  const write = async (): Promise<true> => {
    await credentials.delete(mine.kind, mine.handle)
    if (loss === "last") await recovery?.removeAll(userId)
    return true
  }
  await writeAndEnd(parts, userId, write, "factor_changed", context, session.id)
  await emit(context, { type: "factor.removed", userId, factor: kind })
  // 6 tell the user, whatever becomes of 5
  mailTo(user, { kind: "notice", notice: "factor_removed", at: clock() }, context)
  // 5 rotate this one, before the next may look at its token; what cannot be rotated ends
  return rotateOrEnd(parts, principal, "factor_changed", context)
}
