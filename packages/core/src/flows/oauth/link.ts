import type { Context } from "../../context.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { OAuthParts } from "./oauth.js"
import type { ProvenIdentity } from "./provider.js"
import { refuseLink } from "./refusals.js"
import type { Transaction } from "./transaction.js"

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
  return link(parts, { provider, identity, userId }, context, async () => {
    const live = await parts.sessions.list(userId)
    return live.some((session) => session.id === id) ? undefined : refuse("not_signed_in")
  })
}

/** An identity for an account. */
export interface Link {
  readonly provider: string
  readonly identity: ProvenIdentity
  readonly userId: string
}

/**
 * Inserts the identity, of which there is one in the world: of parallel callers one gets it. Should everything of the user's be revoked
 * meanwhile (a claim, a change of password), whoever is linking may be the one who was thrown out: then it goes again.
 * @param mayLink asked after the epoch was noted; the refusal if not
 */
export async function link(
  parts: OAuthParts,
  { identity, provider, userId }: Link,
  context: Context,
  mayLink: () => Promise<Refusal | undefined>,
): Promise<Outcome> {
  const { emit, identities, sessions } = parts
  const before = await sessions.begin(userId)
  const refused = await mayLink()
  if (refused) return refused
  if (!(await identities.insert(userId, provider, identity))) {
    const owner = await identities.find(identity)
    if (owner?.userId !== userId)
      return refuseLink(parts, context, provider, { cause: "identity_taken", userId })
    await identities.touch(owner, provider, identity)
    return { ok: true }
  }
  const after = await sessions.begin(userId)
  if (after.epoch !== before.epoch) {
    const inserted = await identities.find(identity)
    if (inserted?.userId === userId) await identities.remove(inserted)
    return refuseLink(parts, context, provider, { cause: "revoked_meanwhile", userId })
  }
  await emit(context, { type: "identity.linked", userId, provider })
  return { ok: true }
}
