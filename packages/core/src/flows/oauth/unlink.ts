/*
 *  User                 oauth flow                       sessions    challenges    credentials
 *     │ identity          │ 1 who asks, and since when? ────▶│           │             │
 *     ├──────────────────▶│ 2 one at a time per user ──────────────────▶│             │
 *     │                   │ 3 is there another way in? ─────────────────────────────▶│
 *     │                   │ 4 remove it ────────────────────────────────────────────▶│
 *     │◀──────────────────┤ 5 end all other sessions ───────▶│           │             │
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { Credential } from "../../stores/ports.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import { counts } from "./identities.js"
import type { OAuthParts } from "./oauth.js"

/** See {@link OAuthSteps.unlink}. */
export async function unlink(
  parts: OAuthParts,
  input: { readonly identity: string },
  context: Context,
): Promise<Outcome> {
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
    if (!(await removeAndEnd(parts, credential, session.id, context))) return refuse("not_found")
    await emit(context, { type: "identity.unlinked", userId, provider: identities.view(credential).provider })
    return { ok: true }
  })
}

/** A removal that rejects may have taken effect all the same, so then the sessions end too. */
async function removeAndEnd(
  { identities, sessions }: OAuthParts,
  credential: Credential,
  sessionId: string,
  context: Context,
): Promise<boolean> {
  let removed = true
  try {
    removed = await identities.remove(credential)
  } finally {
    if (removed) await sessions.endAll(credential.userId, "identity_unlinked", context, sessionId)
  }
  return removed
}
