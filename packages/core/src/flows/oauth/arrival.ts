/*
 *  Who is it? An identity that a provider vouches for (issuer and subject) arrives; nobody is signed in here.
 *
 *     known identity ─────────────────────────────────────────────────────▶ its user
 *     unknown, no (required) e-mail address ──────────────────────────────▶ refused
 *     unknown, nobody has the address ── the host's policy ───────────────▶ a new user
 *     unknown, an account has the address
 *         both sides verified it, and the host links silently ────────────▶ that user
 *         the provider did not verify it, or the host refuses ────────────▶ refused
 *         else ───────────────────────────────────────────────────────────▶ kept, until the owner proves the old way in (confirm.ts)
 *                                                                           or claims what nobody ever verified (claim.ts)
 */
import { sha256 } from "#primitives"
import type { Context } from "../../context.js"
import { canonicalEmail } from "../../email-address.js"
import type { Outcome } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import { exclusively } from "../../stores/exclusive.js"
import type { Credential, NewUser, User } from "../../stores/ports.js"
import { handleOf } from "./identities.js"
import type { OAuthParts } from "./oauth.js"
import type { Profile, ProvenIdentity } from "./provider.js"
import { type Failure, refuseSignIn } from "./refusals.js"
import type { Transaction } from "./transaction.js"

/** Somebody who came back from a provider. */
export interface Newcomer {
  readonly provider: string
  readonly identity: ProvenIdentity
  readonly binding: string
  readonly returnTo: string | undefined
  /** The session that the browser had when it left; a sign-in ends it. Its cookie does not come along with a form post from the provider's site. */
  readonly session: Transaction["session"]
}

/** Finds or makes the user, and opens a session. */
export async function arrive(
  parts: OAuthParts,
  newcomer: Newcomer,
  context: Context,
): Promise<Outcome<{ user: User; session: OpenedSession<object> }>> {
  const { challenges, clock } = parts
  // First logins of one person in two tabs: the second waits, and then finds the first one's user.
  const key = `oauth-identity:${sha256(handleOf(newcomer.identity))}`
  const found =
    (await parts.identities.find(newcomer.identity)) ??
    (await exclusively(challenges, clock, key, () => makeOrMatch(parts, newcomer, context)))
  return "cause" in found
    ? refuseSignIn(parts, context, newcomer.provider, found)
    : enter(parts, newcomer, found, context)
}

/** The identity that the newcomer has from now on, or why there is none. */
async function makeOrMatch(
  parts: OAuthParts,
  newcomer: Newcomer,
  context: Context,
): Promise<Credential | Failure> {
  const { identities, settings, users } = parts
  const { identity, provider } = newcomer
  const { profile } = identity
  const known = await identities.find(identity)
  if (known) return known

  const email = emailOf(profile)
  if (email === undefined) return { cause: "email_missing" }
  if (settings.requireVerifiedEmail && profile.emailVerified !== true) return { cause: "email_unverified" }
  const holder = await users.findByEmail(email)
  if (holder) return match(parts, newcomer, email, holder, context)

  if ((await settings.mayCreate(profile, provider)) !== true) return { cause: "registration_closed" }
  const created = await create(parts, newcomer, email, context)
  if (created) return created
  const quicker = await users.findByEmail(email)
  return quicker ? match(parts, newcomer, email, quicker, context) : { cause: "revoked_meanwhile" }
}

/** An account has the address already. */
async function match(
  parts: OAuthParts,
  newcomer: Newcomer,
  email: string,
  holder: User,
  context: Context,
): Promise<Credential | Failure> {
  const { pending, settings } = parts
  const { binding, identity, provider, returnTo } = newcomer
  // Whoever the provider takes for the owner without knowing learns nothing about the account, and gets no nearer to it.
  if (identity.profile.emailVerified !== true) return { cause: "email_unverified" }
  if (settings.onEmailMatch === "refuse") return { cause: "account_exists", userId: holder.id }
  if (holder.disabledAt !== null) return { cause: "disabled", userId: holder.id }
  if (settings.onEmailMatch === "link" && holder.emailVerifiedAt !== null) {
    return (
      (await insert(parts, holder, newcomer, "identity.linked", context)) ?? { cause: "revoked_meanwhile" }
    )
  }
  await pending.keep(binding, { provider, identity, email, userId: holder.id, returnTo })
  return { cause: "link_required", userId: holder.id }
}

/** Undefined if somebody took the address, or the identity, meanwhile. */
async function create(
  parts: OAuthParts,
  newcomer: Newcomer,
  email: string,
  context: Context,
): Promise<Credential | undefined> {
  const { clock, users } = parts
  const { profile } = newcomer.identity
  const now = clock()
  const user = await users.create({
    email,
    emailVerifiedAt: profile.emailVerified === true ? now : null,
    createdAt: now,
    profile: shownOf(profile),
  })
  if (!user) return undefined
  let created: Credential | undefined
  try {
    created = await insert(parts, user, newcomer, "user.registered", context)
  } finally {
    // An account that nobody can enter would block its address.
    if (!created) await users.delete(user.id)
  }
  return created
}

async function insert(
  { emit, identities }: OAuthParts,
  { id }: User,
  { identity, provider }: Newcomer,
  type: "user.registered" | "identity.linked",
  context: Context,
): Promise<Credential | undefined> {
  const inserted = await identities.insert(id, provider, identity)
  const credential = inserted === "inserted" ? await identities.find(identity) : undefined
  // Somebody is just linking it.
  if (!credential) return undefined
  await emit(context, type === "user.registered" ? { type, userId: id } : { type, userId: id, provider })
  return credential
}

/** Opens the session of an identity's user. What is believed of both is read after the epoch: see the password flow's sign-in. */
async function enter(
  parts: OAuthParts,
  { identity, provider, session: earlier }: Newcomer,
  { userId }: Credential,
  context: Context,
): Promise<Outcome<{ user: User; session: OpenedSession<object> }>> {
  const { emit, identities, sessions, users } = parts
  const ticket = await sessions.begin(userId)
  const credential = await identities.find(identity)
  const user = credential?.userId === userId ? await users.find(userId) : undefined
  if (!credential || !user)
    return refuseSignIn(parts, context, provider, { cause: "revoked_meanwhile", userId })
  if (user.disabledAt !== null) return refuseSignIn(parts, context, provider, { cause: "disabled", userId })
  await identities.touch(credential, provider, identity)
  if (earlier) await sessions.end(earlier.userId, earlier.id, "replaced", context)
  const session = await sessions.open(ticket, user, ["fed"], context)
  if (!session) return refuseSignIn(parts, context, provider, { cause: "revoked_meanwhile", userId })
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "oauth", userId, sessionId })
  return { ok: true, user, session }
}

/** The same, if the provider has verified it. */
export function verifiedEmailOf(profile: Profile): string | undefined {
  return profile.emailVerified === true ? emailOf(profile) : undefined
}

/** The address by which accounts are compared; undefined for none, and for what is no address. */
function emailOf({ email }: Profile): string | undefined {
  return email === undefined ? undefined : canonicalEmail(email)
}

/** What a host's user table may want to show: texts, at most 512 characters each. */
function shownOf({ name, picture, username }: Profile): NonNullable<NewUser["profile"]> {
  const shown = Object.entries({ name, username, picture }).filter(([, value]) => typeof value === "string")
  return Object.fromEntries(shown.map(([key, value]) => [key, `${value}`.slice(0, 512)]))
}
