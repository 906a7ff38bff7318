/*
 *  Owner              passkey flow                  sessions    challenges    credentials
 *     │ passkey           │ 1 who asks, proven how? ──────▶│           │             │
 *     ├──────────────────▶│ 2 one at a time per user ────────────────▶│             │
 *     │                   │ 3 is there another way in? ──────────────────────────▶│
 *     │                   │ 4 remove it ─────────────────────────────────────────▶│
 *     │                   │ 5 end all other sessions ─────▶│           │             │
 *     │◀──────────────────┤ 6 rotate this one ────────────▶│           │             │
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import { rotateOrEnd, writeAndEnd } from "../ended-sessions.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import type { PasskeyParts } from "./passkey.js"
import { passkeyIn } from "./stored-passkey.js"

/** See {@link PasskeySteps.remove}. */
export async function remove(
  parts: PasskeyParts,
  input: { readonly passkey: string },
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { credentials, emit, mailTo, opens, passkeys, secondFactor, settings, users } = parts
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
    const loss = await secondFactor()?.loss(user, all, held.credential)
    if (loss === "required") return refuse("last_way_in")
    // 4 remove it, 5 end all other sessions: whoever came in by it, or is about to, is out
    const write = async (): Promise<boolean> => {
      const gone = await passkeys.remove(held)
      if (gone && loss === "last") await secondFactor()?.forgetAll(userId)
      return gone
    }
    if (!(await writeAndEnd(parts, userId, write, "factor_changed", context, session.id)))
      return refuse("not_found")
    await emit(context, { type: "factor.removed", userId, factor: "passkey" })
    mailTo?.(user, { kind: "notice", notice: "factor_removed", at: parts.clock() }, context)
    // 6 rotate this one, before the next may look at its token; what cannot be rotated ends
    return rotateOrEnd(parts, asked.principal, "factor_changed", context)
  })
}
