/*
 *  Owner                oauth flow                     challenges    users    sessions    credentials
 *     │ secret            │ 1 is nobody signed in? ─────────────────────────────▶│            │
 *     ├──────────────────▶│ 2 what waits here, for whom? ─▶│          │          │            │
 *     │                   │   take it when it is our turn ▶│          │          │            │
 *     │                   │ 3 was the account ever verified? ────────▶│          │            │
 *     │                   │ 4 is the identity still free? ────────────────────────────────────▶│
 *     │                   │ 5 end its sessions ─────────────────────────────────▶│            │
 *     │                   │ 6 remove every way in ────────────────────────────────────────────▶│
 *     │                   │ 7 end what began between 5 and 6 ───────────────────▶│            │
 *     │                   │ 8 the identity becomes the way in ────────────────────────────────▶│
 *     │  session, token   │ 9 the address is verified now ───────────▶│          │            │
 *     │◀──────────────────┤ 10 open ────────────────────────────────────────────▶│            │
 *
 * Somebody may have registered with an address that is not theirs and be waiting for its owner to come (account pre-hijacking). So
 * nothing that let anybody in before is left: 5 makes sign-ins under way fail, 7 those that began before 6 had removed what they rely on; links
 * wait their turn, and then find their session gone. Until 9 the account counts as never verified, so that whatever goes wrong in
 * between leaves one that nobody can enter and that can be claimed again.
 */
import type { Context } from "../../context.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import { isVerified } from "../verified.js"
import { removeWaysIn, useInTurn } from "../ways-in.js"
import type { OAuthParts, PendingInput } from "./oauth.js"
import type { Pending } from "./pending.js"
import { type Failure, refuseSignIn } from "./refusals.js"

type Claimed = Outcome<{ user: User; session: OpenedSession<object>; returnTo: string | undefined }>

/** See {@link OAuthSteps.claim}. */
export async function claim(
  parts: OAuthParts,
  { pending: secret }: PendingInput,
  context: Context,
): Promise<Claimed> {
  const { identities, pending, sessions, users } = parts
  // 1 is nobody signed in? Who is has a way in to prove, or is somebody else at the same machine
  if (await sessions.read(context.token, context.request)) return refuse("oauth_link_required")
  // 2 what waits here, for whom?
  const waiting = await pending.find(secret)
  if (!waiting) return refuse("not_found")
  const { provider, userId } = waiting
  const refused = (cause: Failure["cause"]): Promise<Refusal> =>
    refuseSignIn(parts, context, provider, { cause, userId })
  const once = { isUsed: async () => !(await pending.find(secret)), take: () => pending.take(secret) }
  // take it when it is our turn, and 3 to 10
  const claimed = await useInTurn(parts, userId, once, async () => {
    // 3 was the account ever verified?
    const user = await users.find(userId)
    if (!user || user.email !== waiting.email || user.disabledAt !== null) return refused("revoked_meanwhile")
    if (isVerified(user)) return refused("link_required")
    // 4 is the identity still free?
    if (await identities.find(waiting.identity)) return refused("identity_taken")
    return takeOver(parts, waiting, context)
  })
  return claimed ?? refuse("not_found")
}

async function takeOver(
  { clock, credentials, emit, identities, sessions, users }: OAuthParts,
  { email, identity, provider, returnTo, userId }: Pending,
  context: Context,
): Promise<Claimed> {
  // 5 end its sessions, 6 remove every way in, 7 end what began between 5 and 6
  const ticket = await removeWaysIn({ credentials, sessions }, userId, context)
  // 8 the identity becomes the way in
  if ((await identities.insert(userId, provider, identity)) !== "inserted") return refuse("identity_taken")
  // 9 the address is verified now: the one that was proven, whatever was put there meanwhile
  const user = await users.update(userId, { email, emailVerifiedAt: clock() })
  if (typeof user === "string") return refuse("conflict")
  await emit(context, { type: "identity.claimed", userId, provider })
  // 10 open
  const opened = await sessions.open(ticket, user, ["fed"], context)
  if (!opened.ok) return opened
  const { session } = opened
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "oauth", userId, sessionId })
  return { ok: true, user, session, returnTo }
}
