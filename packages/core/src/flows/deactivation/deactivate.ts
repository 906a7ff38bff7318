/*
 *  User               deactivation flow              users   sessions   mailer
 *     │ "not for now"      │ 1 who asks, how freshly ─▶│        │          │
 *     ├───────────────────▶│ 2 disable, from this instant ▶     │          │
 *     │                    │ 3 end all sessions ───────────────▶│          │
 *     │  signed out        │ 4 mail the way back, after the answer ───────▶│
 *     │◀───────────────────┤                           │        │          │
 *
 * The link is good for this deactivation: it holds the instant of 2. Reactivating is in reactivate.ts.
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { User } from "../../stores/ports.js"
import { strongPrincipal } from "../second-factor.js"
import type { DeactivationParts } from "./deactivation.js"

/** See {@link DeactivationSteps.deactivate}. */
export async function deactivate(parts: DeactivationParts, context: Context): Promise<Outcome> {
  const { clock, emit, links, mailTo, sessions, settings, users } = parts
  // 1 who asks, how freshly
  const asking = await strongPrincipal(parts, settings.fresh, context)
  if (!asking.ok) return asking
  const { userId } = asking.principal
  // Whom an administrator has just disabled must not get a link that undoes it.
  if ((await users.find(userId))?.disabledAt !== null) return refuse("not_signed_in")
  // 2 disable; a write that rejects may have taken effect, so then they end too
  let user: User | string = "unknown"
  try {
    user = await users.update(userId, { disabledAt: clock() })
  } finally {
    // 3 end all sessions
    if (user !== "absent") await sessions.endAll(userId, "deactivated", context)
  }
  if (typeof user === "string") return refuse("not_signed_in")
  // 4 mail the way back
  const { expiresAt, token } = links.sign(
    { action: "reactivate", userId, email: user.email },
    settings.lifetimeMs,
    deactivationState(user),
  )
  mailTo(user, { kind: "reactivate_account", url: `${settings.url}?token=${token}`, expiresAt }, context)
  await emit(context, { type: "user.deactivated", userId })
  return { ok: true }
}

/** What must hold until the account is reactivated: it is disabled since that instant, as the store has written it. */
export function deactivationState({ disabledAt }: User): readonly (number | null)[] {
  return [disabledAt]
}
