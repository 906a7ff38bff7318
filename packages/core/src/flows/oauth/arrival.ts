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
import type { Outcome } from "../../outcome.js"
import { parseUrl } from "../../parse-url.js"
import type { OpenedSession } from "../../sessions/session.js"
import { exclusively } from "../../stores/exclusive.js"
import type { Credential, NewUser, User } from "../../stores/ports.js"
import { causeOf } from "../unopened.js"
import { isVerified } from "../verified.js"
import { changeWaysIn } from "../ways-in.js"
import { counts, handleOf } from "./identities.js"
import type { OAuthParts } from "./oauth.js"
import { emailOf } from "./profile-email.js"
import type { Profile, ProvenIdentity } from "./provider.js"
import { type Failure, type PendingRefusal, refuseSignIn } from "./refusals.js"
import type { Transaction } from "./transaction.js"

/** Somebody who came back from a provider. */
export interface Newcomer {
  readonly provider: string
  readonly identity: ProvenIdentity
  readonly returnTo: string | undefined
  /** The session that the browser had when it left; a sign-in ends it. Its cookie does not come along with a form post from the provider's site. */
  readonly session: Transaction["session"]
}

/** Who came in. */
interface Entered {
  readonly user: User
  readonly session: OpenedSession<object>
}

/** Finds or makes the user, and opens a session. */
export async function arrive(
  parts: OAuthParts,
  newcomer: Newcomer,
  context: Context,
): Promise<({ ok: true } & Entered) | PendingRefusal> {
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
  const mayCreate = async (): Promise<boolean> => (await settings.mayCreate(profile, provider)) === true
  // Before anybody is looked for: who may not come in anyway learns nothing by an address that nobody verified.
  const verified = profile.emailVerified === true
  if (!verified && !(await mayCreate())) return { cause: "registration_closed" }
  const holder = await users.findByEmail(email)
  if (holder) return match(parts, newcomer, email, holder, context)

  if (verified && !(await mayCreate())) return { cause: "registration_closed" }
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
  const { identity, provider, returnTo } = newcomer
  // Whoever the provider takes for the owner without knowing learns nothing about the account, and gets no nearer to it.
  if (identity.profile.emailVerified !== true) return { cause: "email_unverified" }
  if (settings.onEmailMatch === "refuse") return { cause: "account_exists", userId: holder.id }
  if (holder.disabledAt !== null) return { cause: "disabled", userId: holder.id }
  if (settings.onEmailMatch === "link" && isVerified(holder)) {
    const linked = await linkSilently(parts, holder, newcomer)
    if (!linked) return { cause: "revoked_meanwhile", userId: holder.id }
    await parts.emit(context, { type: "identity.linked", userId: holder.id, provider })
    return linked
  }
  const secret = await pending.keep({ provider, identity, email, userId: holder.id, returnTo })
  return { cause: "link_required", userId: holder.id, pending: secret }
}

/** What is believed of the account is read after its epoch: whoever disables it before that is seen, and whoever does so later moves the epoch. */
async function linkSilently(
  parts: OAuthParts,
  { id }: User,
  newcomer: Newcomer,
): Promise<Credential | undefined> {
  const { epoch } = await parts.sessions.begin(id)
  const user = await parts.users.find(id)
  if (!user || user.disabledAt !== null || !isVerified(user)) return undefined
  return changeWaysIn(parts, id, () => settle(parts, id, newcomer, epoch))
}

/**
 * Undefined if somebody took the address, or the identity, meanwhile. The address counts as verified only once there is a way in: should
 * it end before, the account is one that its owner can claim.
 */
async function create(
  parts: OAuthParts,
  newcomer: Newcomer,
  email: string,
  context: Context,
): Promise<Credential | undefined> {
  const { clock, emit, users } = parts
  const { profile } = newcomer.identity
  const user = await users.create({
    email,
    emailVerifiedAt: null,
    createdAt: clock(),
    profile: shownOf(profile),
  })
  if (!user) return undefined
  const created = await changeWaysIn(parts, user.id, () => settleOrUndo(parts, user, newcomer))
  if (!created) return undefined
  if (profile.emailVerified === true) await users.update(user.id, { email, emailVerifiedAt: clock() })
  await emit(context, { type: "user.registered", userId: user.id })
  return created
}

/**
 * An account that nobody can enter would block its address, so one that was just made goes if it gets no way in. Nobody has been here before: a
 * claim, which is the only thing that can come in between, raises the epoch, and then it is somebody's.
 */
async function settleOrUndo(
  parts: OAuthParts,
  { id }: User,
  newcomer: Newcomer,
): Promise<Credential | undefined> {
  let created: Credential | undefined
  try {
    created = await settle(parts, id, newcomer, 0)
  } finally {
    const empty = !created && (await parts.credentials.listByUser(id)).every((one) => !counts(one))
    if (empty && (await parts.sessions.begin(id)).epoch === 0) await parts.users.delete(id)
  }
  return created
}

/** Gives the identity to a user who may not be signed in: it counts only if nothing was revoked since the epoch was this. */
async function settle(
  { identities, sessions }: OAuthParts,
  userId: string,
  { identity, provider }: Newcomer,
  epoch: number,
): Promise<Credential | undefined> {
  const stillMay = async (): Promise<boolean> => (await sessions.begin(userId)).epoch === epoch
  await identities.insert(userId, provider, identity, stillMay)
  const credential = await identities.find(identity)
  return credential?.userId === userId ? credential : undefined
}

/** Opens the session of an identity's user. What is believed of both is read after the epoch: see the password flow's sign-in. */
async function enter(
  parts: OAuthParts,
  { identity, provider, session: earlier }: Newcomer,
  { userId }: Credential,
  context: Context,
): Promise<Outcome<Entered>> {
  const { emit, identities, sessions, users } = parts
  const ticket = await sessions.begin(userId)
  const credential = await identities.find(identity)
  const user = credential?.userId === userId ? await users.find(userId) : undefined
  if (!credential || !user)
    return refuseSignIn(parts, context, provider, { cause: "revoked_meanwhile", userId })
  if (user.disabledAt !== null) return refuseSignIn(parts, context, provider, { cause: "disabled", userId })
  await identities.touch(credential, provider, identity)
  if (earlier) await sessions.end(earlier.userId, earlier.id, "replaced", context)
  const opened = await sessions.open(ticket, user, ["fed"], context)
  if (!opened.ok) {
    const refusal = await refuseSignIn(parts, context, provider, { cause: causeOf(opened), userId })
    return { ...refusal, ...opened }
  }
  const { session } = opened
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "oauth", userId, sessionId })
  return { ok: true, user, session }
}

/** What a host's user table may want to show: well-formed texts, at most 512 characters each; the picture's address is https. */
function shownOf({ name, picture, username }: Profile): NonNullable<NewUser["profile"]> {
  const https = typeof picture === "string" && parseUrl(picture)?.protocol === "https:"
  const shown = Object.entries({ name, username, picture: https ? picture : undefined })
  return Object.fromEntries(
    shown.flatMap(([key, value]) =>
      typeof value === "string" ? [[key, value.slice(0, 512).replace(/\p{Surrogate}/gu, "")]] : [],
    ),
  )
}
