/*
 *  Owner                oauth flow                     challenges    users    sessions    credentials
 *     │ binding           │ 1 take what waits here ───────▶│          │          │            │
 *     ├──────────────────▶│   one at a time per user ─────▶│          │          │            │
 *     │                   │ 2 was the account ever verified? ────────▶│          │            │
 *     │                   │ 3 is the identity still free? ────────────────────────────────────▶│
 *     │                   │ 4 end its sessions ─────────────────────────────────▶│            │
 *     │                   │ 5 remove every way in ────────────────────────────────────────────▶│
 *     │                   │ 6 end what began between 4 and 5 ───────────────────▶│            │
 *     │                   │ 7 the identity becomes the way in ────────────────────────────────▶│
 *     │  session, token   │ 8 the address is verified now ───────────▶│          │            │
 *     │◀──────────────────┤ 9 open ─────────────────────────────────────────────▶│            │
 *
 * Somebody may have registered with an address that is not theirs and be waiting for its owner to come (account pre-hijacking). So
 * nothing that let anybody in before is left: 4 makes sign-ins under way fail, 6 those that began before 5 had removed what they rely on; links
 * wait their turn, and then find their session gone. Until 8 the account counts as never verified, so that whatever goes wrong in
 * between leaves one that nobody can enter and that can be claimed again.
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import type { OAuthParts, PendingInput } from "./oauth.js"
import type { Pending } from "./pending.js"
import { changeWaysIn } from "./ways-in.js"

type Claimed = Outcome<{ user: User; session: OpenedSession<object>; returnTo: string | undefined }>

/** See {@link OAuthSteps.claim}. */
export async function claim(
  parts: OAuthParts,
  { binding }: PendingInput,
  context: Context,
): Promise<Claimed> {
  // 1 take what waits here
  const taken = await parts.pending.take(binding)
  if (!taken) return refuse("not_found")
  return changeWaysIn(parts, taken.userId, async () => {
    // 2 was the account ever verified?
    const user = await parts.users.find(taken.userId)
    if (!user || user.email !== taken.email || user.disabledAt !== null) return refuse("not_found")
    if (user.emailVerifiedAt !== null) {
      // Proving the old way in is still open to its owner.
      await parts.pending.keep(binding as string, taken)
      return refuse("oauth_link_required")
    }
    // 3 is the identity still free?
    if (await parts.identities.find(taken.identity)) return refuse("identity_taken")
    return takeOver(parts, taken, context)
  })
}

async function takeOver(
  { clock, credentials, emit, identities, sessions, users }: OAuthParts,
  { identity, provider, returnTo, userId }: Pending,
  context: Context,
): Promise<Claimed> {
  // 4 end its sessions
  await sessions.endAll(userId, "claimed", context)
  // 5 remove every way in
  await credentials.deleteByUser(userId)
  // 6 end what began between 4 and 5
  await sessions.endAll(userId, "claimed", context)
  const ticket = await sessions.begin(userId)
  // 7 the identity becomes the way in
  if ((await identities.insert(userId, provider, identity)) !== "inserted") return refuse("identity_taken")
  // 8 the address is verified now
  const user = await users.update(userId, { emailVerifiedAt: clock() })
  if (typeof user === "string") return refuse("conflict")
  await emit(context, { type: "identity.claimed", userId, provider })
  // 9 open
  const session = await sessions.open(ticket, user, ["fed"], context)
  if (!session) return refuse("conflict")
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "oauth", userId, sessionId })
  return { ok: true, user, session, returnTo }
}
