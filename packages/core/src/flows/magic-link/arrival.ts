/*
 *  Who is it? Somebody who reads mail at this address arrives.
 *
 *     nobody has the address ── the host admits ──────────────▶ a new user, verified
 *     an account has it, verified ────────────────────────────▶ that user
 *     an account has it that nobody ever verified
 *         with no way in ─────────────────────────────────────▶ that user, verified now
 *         with one, and the owner has not agreed ─────────────▶ asked first: it may be somebody else's (account pre-hijacking)
 *         with one, and the owner agrees ─────────────────────▶ that user; every way in and every session from before is gone
 *     disabled, or revoked since the link was asked for ──────▶ refused
 */
import type { Context } from "../../context.js"
import type { OpenedSession, SignInTicket } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import { nobodyAt } from "../nobody-at.js"
import { causeOf } from "../unopened.js"
import { isVerified } from "../verified.js"
import { changeWaysIn, removeWaysIn, type SingleUse, useInTurn } from "../ways-in.js"
import type { LinkClaims } from "./link-token.js"
import { isSameEpoch, type MagicLinkParts } from "./magic-link.js"
import type { LinkFailure } from "./refusals.js"

/** Who has a link's address, and what stands against letting them in. */
export interface Met {
  readonly user: User | undefined
  readonly ticket: SignInTicket
  readonly cause?: "disabled" | "revoked_meanwhile" | "claim_required"
}

/** A link that was looked at: what the owner, and their browser, say for themselves. */
interface Presented {
  readonly asked: boolean
  readonly claim: boolean
  readonly link: SingleUse
}

/** Looks, and changes nothing. What is believed of the account is read after its epoch: see the password flow's sign-in. */
export async function meet(parts: MagicLinkParts, claims: LinkClaims): Promise<Met> {
  const { credentials, sessions, users } = parts
  const id = (await users.findByEmail(claims.email))?.id
  const ticket = await sessions.begin(id ?? nobodyAt(parts, claims.email))
  const user = id === undefined ? undefined : await users.find(id)
  const met = { user, ticket }
  // Gone, or moved to another address, between the first look and the second.
  if (id !== undefined && user?.email !== claims.email) return { ...met, cause: "revoked_meanwhile" }
  if (user && user.disabledAt !== null) return { ...met, cause: "disabled" }
  // Of an account that nobody verified nothing counts that was revoked: whoever squats there could end its owner's links for ever.
  const counts = !user || isVerified(user)
  if (counts && !isSameEpoch(parts, claims, user, ticket)) return { ...met, cause: "revoked_meanwhile" }
  if (!user || isVerified(user)) return met
  const waysIn = (await credentials?.listByUser(user.id)) ?? []
  return waysIn.some(({ secret }) => secret !== "") ? { ...met, cause: "claim_required" } : met
}

/** Takes the link, makes or finds its user, and opens the session. */
export async function arrive(
  parts: MagicLinkParts,
  claims: LinkClaims,
  met: Met & Presented,
  context: Context,
): Promise<{ user: User; session: OpenedSession<object> } | LinkFailure> {
  const entitled = await entitle(parts, claims, met, context)
  if ("cause" in entitled) return entitled
  const { ticket, user } = entitled
  const opened = await parts.sessions.open(ticket, user, ["email"], context)
  if (!opened.ok) return { cause: causeOf(opened), userId: user.id, refusal: opened }
  const { session } = opened
  const sessionId = session.principal.session.id
  await parts.emit(context, {
    type: "sign_in.succeeded",
    flow: "magic-link",
    userId: user.id,
    sessionId,
  })
  return { user, session }
}

type Entitled = { readonly user: User; readonly ticket: SignInTicket } | LinkFailure

async function entitle(
  parts: MagicLinkParts,
  claims: LinkClaims,
  met: Met & Presented,
  context: Context,
): Promise<Entitled> {
  const { link, ticket, user } = met
  const used = { cause: "link_used", userId: user?.id } as const
  if (user && !isVerified(user))
    return (await useInTurn(parts, user.id, link, () => claimed(parts, user, context))) ?? used
  if (!(await link.take())) return used
  return user ? { user, ticket } : make(parts, claims, met, context)
}

/** Of parallel links to one address, one makes the user; the others find them. */
async function make(
  parts: MagicLinkParts,
  claims: LinkClaims,
  { asked, claim }: Presented,
  context: Context,
): Promise<Entitled> {
  const { clock, emit, sessions, settings, users } = parts
  const { email, locale, metadata } = claims
  if ((await settings.admit({ email, locale, metadata, asked })) !== true)
    return { cause: "registration_closed" }
  const now = clock()
  const sent = metadata === undefined ? {} : { metadata }
  const user = await users.create({ email, emailVerifiedAt: now, createdAt: now, locale, ...sent })
  const id = (user ?? (await users.findByEmail(email)))?.id
  if (id === undefined) return { cause: "revoked_meanwhile" }
  const ticket = await sessions.begin(id)
  if (user) await emit(context, { type: "user.registered", userId: id })
  // After the epoch: whoever hears of the new user may disable them at once.
  const current = await users.find(id)
  if (current?.email !== email) return { cause: "revoked_meanwhile", userId: id }
  if (current.disabledAt !== null) return { cause: "disabled", userId: id }
  if (isVerified(current)) return { user: current, ticket }
  // Somebody registered it at this moment in another way, and has not proven anything.
  if (!claim) return { cause: "claim_required", userId: id }
  return changeWaysIn(parts, id, () => claimed(parts, current, context))
}

/**
 * The mailbox is proven: what nobody ever verified is taken over, and counts as verified only once nothing from before is left. Inside
 * {@link changeWaysIn}.
 */
async function claimed(parts: MagicLinkParts, user: User, context: Context): Promise<Entitled> {
  const { clock, emit, users } = parts
  const { email, id: userId } = user
  const current = await users.find(userId)
  // Another way of claiming it was quicker: what it has ended stays ended, this link with it.
  if (!current || isVerified(current) || current.email !== email || current.disabledAt !== null)
    return { cause: "revoked_meanwhile", userId }
  const ticket = await removeWaysIn(parts, userId, context)
  // Together with the address that was proven: whoever was in a moment ago may have put another there.
  const taken = await users.update(userId, { email, emailVerifiedAt: clock() })
  if (typeof taken === "string") return { cause: "revoked_meanwhile", userId }
  await emit(context, { type: "user.claimed", userId })
  return { user: taken, ticket }
}
