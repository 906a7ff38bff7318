import type { Context } from "../../context.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import { isVerified } from "../verified.js"
import { changeWaysIn } from "../ways-in.js"
import type { OAuthParts } from "./oauth.js"
import { verifiedEmailOf } from "./profile-email.js"
import type { ProvenIdentity } from "./provider.js"
import { refuseLink } from "./refusals.js"
import type { Transaction } from "./transaction.js"

/** An identity for an account. */
export interface Link {
  readonly provider: string
  readonly identity: ProvenIdentity
  readonly userId: string
}

/**
 * Adds an identity to the account whose session began the attempt, if that session still lives. The browser is the one that began it (the
 * transaction is bound to it), so its session cookie need not come along.
 */
export async function linkToSession(
  parts: OAuthParts,
  provider: string,
  identity: ProvenIdentity,
  { id, userId }: NonNullable<Transaction["session"]>,
  context: Context,
): Promise<Outcome> {
  const { sessions } = parts
  return link(parts, { provider, identity, userId }, context, async () => {
    // Somebody else has signed in here meanwhile.
    const here = await sessions.read(context.token, context.request)
    if (here && here.userId !== userId) return refuse("not_signed_in")
    // Where no list is kept, a session is known by its own token alone.
    if (here?.session.id === id) return undefined
    const live = await sessions.list(userId)
    return live.some((session) => session.id === id) ? undefined : refuse("not_signed_in")
  })
}

/**
 * Adds the identity, of which there is one in the world: of parallel callers one gets it. A provider that verified the account's own address
 * has verified it for the account: whoever is in the account holds the identity as well.
 * @param mayLink the refusal if not; asked when nobody else can change the account's ways in any more
 */
export async function link(
  parts: OAuthParts,
  { identity, provider, userId }: Link,
  context: Context,
  mayLink: () => Promise<Refusal | undefined>,
): Promise<Outcome> {
  const { clock, emit, identities, sessions, users } = parts
  return changeWaysIn(parts, userId, async () => {
    const { epoch } = await sessions.begin(userId)
    const refused = await mayLink()
    if (refused) return refused
    // Should everything be revoked meanwhile, or another's turn have come because ours took too long, it never counted.
    const stillMay = async (): Promise<boolean> => (await sessions.begin(userId)).epoch === epoch
    const inserted = await identities.insert(userId, provider, identity, stillMay)
    if (inserted === "withdrawn")
      return refuseLink(parts, context, provider, { cause: "revoked_meanwhile", userId })
    const own = inserted === "inserted" || (await updated(parts, { identity, provider, userId }))
    if (!own) return refuseLink(parts, context, provider, { cause: "identity_taken", userId })
    const user = await users.find(userId)
    if (user && !isVerified(user) && user.email === verifiedEmailOf(identity.profile)) {
      // Together with the address that was proven, should another be put there at this moment.
      await users.update(userId, { email: user.email, emailVerifiedAt: clock() })
    }
    if (inserted === "inserted") await emit(context, { type: "identity.linked", userId, provider })
    return { ok: true }
  })
}

/** Whether the identity is the user's already; then what is kept of it is brought up to date. */
async function updated({ identities }: OAuthParts, { identity, provider, userId }: Link): Promise<boolean> {
  const owned = await identities.find(identity)
  if (owned?.userId !== userId) return false
  await identities.touch(owned, provider, identity)
  return true
}
