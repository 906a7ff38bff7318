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
import type { OpenedSession } from "../../sessions/session.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import { enrolledBy, type MfaParts } from "./mfa.js"

/** See {@link MfaSteps.remove}. */
export async function removeFactor(
  parts: MfaParts,
  kind: FactorKind,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { clock, emit, mailTo, sessions, settings, users } = parts
  // 1 who asks?
  const asked = await strongPrincipal(parts, settings.fresh, context)
  if (!asked.ok) return asked
  const { session, userId } = asked.principal
  const user = await users.find(userId)
  if (!user || !parts.factors.get(kind)?.enrolment) return refuse("not_found")
  const removed = await changeWaysIn(parts, userId, () => takeAway(parts, kind, userId, session.id, context))
  if (!removed.ok) return removed
  await emit(context, { type: "factor.removed", userId, factor: kind })
  // 6 tell the user, whatever becomes of 5
  mailTo(user, { kind: "notice", notice: "factor_removed", at: clock() }, context)
  // 5 rotate this one; what cannot be rotated ends
  const rotated = await sessions.rotate(context.token, context)
  if (rotated) return { ok: true, session: rotated }
  await sessions.end(userId, session.id, "factor_changed", context)
  return refuse("not_signed_in")
}

async function takeAway(
  parts: MfaParts,
  kind: FactorKind,
  userId: string,
  sessionId: string,
  context: Context,
): Promise<Outcome> {
  const { credentials, recovery, sessions, settings, users } = parts
  const still = await strongPrincipal(parts, settings.fresh, context)
  if (!still.ok) return still
  // 2 may they be without?
  const user = await users.find(userId)
  const held = await credentials.listByUser(userId)
  const mine = held.find((credential) => credential.kind === kind)
  if (!user || !mine) return refuse("not_found")
  const left = enrolledBy(
    parts,
    user,
    held.filter((credential) => credential !== mine),
  )
  if (left.length === 0 && (await settings.required(user))) return refuse("last_way_in")
  // 3 take it away; 4 end all other sessions, also if a write that rejects took effect
  try {
    await credentials.delete(mine.kind, mine.handle)
    if (left.length === 0) await recovery?.removeAll(userId)
  } finally {
    await sessions.endAll(userId, "factor_changed", context, sessionId)
  }
  return { ok: true }
}
