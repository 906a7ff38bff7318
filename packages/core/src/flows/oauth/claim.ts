/*
 *  Owner                oauth flow                     challenges    users    sessions    credentials
 *     │ binding           │ 1 take what waits here ───────▶│          │          │            │
 *     ├──────────────────▶│ 2 was the account ever verified? ────────▶│          │            │
 *     │                   │ 3 end its sessions ─────────────────────────────────▶│            │
 *     │                   │ 4 remove every way in ────────────────────────────────────────────▶│
 *     │                   │ 5 end what began between 3 and 4 ───────────────────▶│            │
 *     │                   │ 6 the address is verified now ───────────▶│          │            │
 *     │  session, token   │ 7 the identity becomes the way in ────────────────────────────────▶│
 *     │◀──────────────────┤ 8 open ─────────────────────────────────────────────▶│            │
 *
 * Somebody may have registered with an address that is not theirs and be waiting for its owner to come (account pre-hijacking). So
 * nothing that let anybody in before is left: 3 makes sign-ins and links under way fail, 5 those that began before 4 had removed what they
 * rely on. A crash in between leaves an account that nobody can enter and that can be claimed again, once its owner comes back.
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import type { OAuthParts, PendingInput } from "./oauth.js"

/** See {@link OAuthSteps.claim}. */
export async function claim(
  parts: OAuthParts,
  { binding }: PendingInput,
  context: Context,
): Promise<Outcome<{ user: User; session: OpenedSession<object>; returnTo: string | undefined }>> {
  const { clock, credentials, emit, identities, pending, sessions, users } = parts
  // 1 take what waits here
  const taken = await pending.take(binding)
  if (!taken) return refuse("not_found")
  const { email, identity, provider, userId } = taken
  // 2 was the account ever verified?
  const before = await users.find(userId)
  if (!before || before.email !== email || before.disabledAt !== null) return refuse("not_found")
  if (before.emailVerifiedAt !== null) {
    // Proving the old way in is still open to its owner.
    await pending.keep(binding as string, taken)
    return refuse("oauth_link_required")
  }
  // 3 end its sessions
  await sessions.endAll(userId, "claimed", context)
  // 4 remove every way in
  await credentials.deleteByUser(userId)
  // 5 end what began between 3 and 4
  await sessions.endAll(userId, "claimed", context)
  const ticket = await sessions.begin(userId)
  // 6 the address is verified now
  const user = await users.update(userId, { emailVerifiedAt: clock() })
  if (typeof user === "string") return refuse("conflict")
  // 7 the identity becomes the way in
  if (!(await identities.insert(userId, provider, identity))) return refuse("identity_taken")
  await emit(context, { type: "identity.claimed", userId, provider })
  // 8 open
  const session = await sessions.open(ticket, user, ["fed"], context)
  if (!session) return refuse("conflict")
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "oauth", userId, sessionId })
  return { ok: true, user, session, returnTo: taken.returnTo }
}
