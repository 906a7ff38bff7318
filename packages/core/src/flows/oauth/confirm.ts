/*
 *  Owner                oauth flow                       sessions    challenges    credentials    users
 *     │ secret            │ 1 who has just signed in? ──────▶│           │             │            │
 *     ├──────────────────▶│ 2 what waits here, and for whom? ──────────▶│             │            │
 *     │                   │   in turn: signed in, still? ───▶│           │             │            │
 *     │                   │ 3 take it ────────────────────────────────▶│             │            │
 *     │◀──────────────────┤ 4 link; the address is verified now, too ─────────────────▶│───────────▶│
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import { strongPrincipal } from "../second-factor.js"
import { link } from "./link.js"
import type { OAuthParts, PendingInput } from "./oauth.js"

/** See {@link OAuthSteps.confirm}. */
export async function confirm(
  parts: OAuthParts,
  { pending: secret }: PendingInput,
  context: Context,
): Promise<Outcome<{ returnTo: string | undefined }>> {
  const { pending } = parts
  // 1 who has just signed in?
  const asked = await strongPrincipal(parts, parts.settings.fresh, context)
  if (!asked.ok) return asked
  const { userId } = asked.principal
  // 2 what waits here, and for whom?
  const waiting = await pending.find(secret)
  if (!waiting) return refuse("not_found")
  if (waiting.userId !== userId) return refuse("oauth_link_required")
  // in turn: signed in, still? 3 take it, 4 link; the address is verified now, too
  const linked = await link(parts, waiting, context, async () => {
    const still = await strongPrincipal(parts, parts.settings.fresh, context)
    if (!still.ok) return still
    return (await pending.take(secret)) ? undefined : refuse("not_found")
  })
  return linked.ok ? { ok: true, returnTo: waiting.returnTo } : linked
}
