/*
 *  Owner              passkey flow                  sessions    challenges    credentials
 *     │ passkey           │ 1 who asks, proven how? ──────▶│           │             │
 *     ├──────────────────▶│ 2 one at a time per user ────────────────▶│             │
 *     │                   │ 3 is there another way in? ──────────────────────────▶│
 *     │                   │ 4 remove it ─────────────────────────────────────────▶│
 *     │◀──────────────────┤ 5 end all other sessions ─────▶│           │             │
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import type { PasskeyParts } from "./passkey.js"
import { type HeldPasskey, passkeyIn } from "./stored-passkey.js"

/** See {@link PasskeySteps.remove}. */
export async function remove(
  parts: PasskeyParts,
  input: { readonly passkey: string },
  context: Context,
): Promise<Outcome> {
  const { credentials, emit, mailTo, opens, settings, users } = parts
  // 1 who asks, proven how?
  const asked = await strongPrincipal(parts, settings.fresh, context)
  if (!asked.ok) return asked
  const { session, userId } = asked.principal
  // 2 one at a time per user: two that each leave the other's way in would leave none
  return changeWaysIn(parts, userId, async () => {
    // Whoever waited for their turn may have been thrown out meanwhile.
    const still = await strongPrincipal(parts, settings.fresh, context)
    if (!still.ok) return still
    const all = await credentials.listByUser(userId)
    const credential = all.find((one) => one.kind === "passkey" && one.handle === input.passkey)
    const held = credential && passkeyIn(credential)
    if (!held) return refuse("not_found")
    // 3 is there another way in? What opens nothing may always go
    const user = await users.find(userId)
    if (!user) return refuse("not_found")
    const others = all.some((one) => one !== credential && opens(one, user))
    if (opens(held.credential, user) && !others) return refuse("last_way_in")
    // 4 remove it, 5 end all other sessions: whoever came in by it, or is about to, is out
    if (!(await removeAndEnd(parts, held, session.id, context))) return refuse("not_found")
    await emit(context, { type: "factor.removed", userId, factor: "passkey" })
    mailTo?.(user, { kind: "notice", notice: "factor_removed", at: parts.clock() }, context)
    return { ok: true }
  })
}

/** A removal that rejects may have taken effect all the same, so then the sessions end too. */
async function removeAndEnd(
  { passkeys, sessions }: PasskeyParts,
  held: HeldPasskey,
  sessionId: string,
  context: Context,
): Promise<boolean> {
  let removed = true
  try {
    removed = await passkeys.remove(held)
  } finally {
    if (removed) await sessions.endAll(held.credential.userId, "factor_changed", context, sessionId)
  }
  return removed
}
