/*
 *  User                 oauth flow                       sessions    challenges    credentials
 *     │ identity          │ 1 who asks, and since when? ────▶│           │             │
 *     ├──────────────────▶│ 2 one at a time per user ──────────────────▶│             │
 *     │                   │ 3 is there another way in? ─────────────────────────────▶│
 *     │                   │ 4 remove it ────────────────────────────────────────────▶│
 *     │                   │ 5 end all other sessions ───────▶│           │             │
 *     │◀──────────────────┤ 6 rotate this one ──────────────▶│           │             │
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import { rotateOrEnd, writeAndEnd } from "../ended-sessions.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import { counts } from "./identities.js"
import type { OAuthParts } from "./oauth.js"

/** See {@link OAuthSteps.unlink}. */
export async function unlink(
  parts: OAuthParts,
  input: { readonly identity: string },
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { emit, identities, opens, users } = parts
  // 1 who asks, and since when?
  const asked = await strongPrincipal(parts, parts.settings.fresh, context)
  if (!asked.ok) return asked
  const { session, userId } = asked.principal
  // 2 one at a time per user: two that each leave the other's identity would leave none
  return changeWaysIn(parts, userId, async () => {
    // Whoever waited for their turn may have been thrown out meanwhile.
    const still = await strongPrincipal(parts, parts.settings.fresh, context)
    if (!still.ok) return still
    const all = await parts.credentials.listByUser(userId)
    const credential = all.find(
      (one) => one.kind === "identity" && counts(one) && identities.view(one).id === input.identity,
    )
    if (!credential) return refuse("not_found")
    // 3 is there another way in?
    const user = await users.find(userId)
    if (!user || !all.some((one) => one !== credential && opens(one, user))) return refuse("last_way_in")
    // 4 remove it, 5 end all other sessions: whoever came in by it, or is about to, is out
    const write = (): Promise<boolean> => identities.remove(credential)
    if (!(await writeAndEnd(parts, userId, write, "identity_unlinked", context, session.id)))
      return refuse("not_found")
    await emit(context, { type: "identity.unlinked", userId, provider: identities.view(credential).provider })
    // 6 rotate this one, before the next may look at its token; what cannot be rotated ends
    return rotateOrEnd(parts, asked.principal, "identity_unlinked", context)
  })
}
