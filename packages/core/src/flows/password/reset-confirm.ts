/*
 *  User               password reset               rateLimits  challenges   users, sessions   credentials   hasher   mailer
 *     │ token, password   │ 1 count the network ───────▶│           │              │               │           │        │
 *     ├──────────────────▶│ 2 verify: signed, for this, in time     │              │               │           │        │
 *     │                   │ 3 used? whose? all as it was? ─────────▶│─────────────▶│──────────────▶│           │        │
 *     │                   │ 4 judge the new password, hash it ───────────────────────────────────────────────▶│        │
 *     │                   │ 5 take the link: one of N ─────────────▶│              │               │           │        │
 *     │                   │ 6 all as it was, still? ───────────────────────────────▶│──────────────▶│           │        │
 *     │                   │ 7 end all sessions ────────────────────────────────────▶│               │           │        │
 *     │                   │   (nobody verified it: remove every way in, mark it verified) ──────────▶│           │        │
 *     │                   │ 8 write what was made in 4 ─────────────────────────────────────────────▶│           │        │
 *     │                   │ 9 end what began since 7 ──────────────────────────────▶│               │           │        │
 *     │                   │ 10 forget the account's failures ▶│     │              │               │           │        │
 *     │ "sign in with it" │ 11 tell the owner, after the answer ───────────────────────────────────────────────────────▶│
 *     │◀──────────────────┤                             │           │              │               │           │        │
 *
 * Until 5 nothing was changed, and the link is good for another try; from 5 on it is spent, whatever happens. 5 to 9 are not while another step
 * adds or removes ways into the account. Whoever is in is out before there is a new password, so that a crash at any point leaves less access
 * than there was: at worst an account that only another link opens. 9 is for sign-ins that were under way with the old password; it runs
 * whatever 8 came to. No session is opened: a second factor is asked for by the sign-in that follows.
 */
import type { Context } from "../../context.js"
import type { EventBody } from "../../events.js"
import { addressBucket } from "../../limits/client-address.js"
import { type Outcome, type Reason, type Refusal, refuse } from "../../outcome.js"
import type { User } from "../../stores/ports.js"
import { writeAndEnd } from "../ended-sessions.js"
import { overLimit } from "../mail-limits.js"
import type { AccountLink } from "../signed-link.js"
import { isVerified } from "../verified.js"
import { removeWaysIn, useInTurn } from "../ways-in.js"
import { lookAt, type ResetAccount, type ResetParts, type ResetView } from "./reset.js"

type Cause = Exclude<Extract<EventBody, { readonly type: "password.reset_refused" }>["cause"], "policy">

const reasonOf: { readonly [Each in Cause]: Reason } = {
  link_invalid: "link_invalid",
  link_expired: "link_expired",
  link_used: "link_used",
  revoked_meanwhile: "link_expired",
  disabled: "forbidden",
}

/** See {@link ResetSteps.peekReset}. */
export async function peekReset(
  parts: ResetParts,
  { token }: { readonly token: string | undefined },
): Promise<Outcome<ResetView>> {
  const link = parts.links.open("reset-password", token)
  if (typeof link === "string") return refuse(link)
  const met = await meet(parts, link)
  if ("cause" in met) return refuse(reasonOf[met.cause])
  const { email, expiresAt } = link
  return { ok: true, email, expiresAt }
}

/** See {@link ResetSteps.reset}. */
export async function reset(
  parts: ResetParts,
  { password, token }: { readonly token: string | undefined; readonly password: string },
  context: Context,
): Promise<Outcome> {
  const { byAccount, clock, emit, links, mailTo } = parts
  // 1 count the network
  const counted = {
    flow: "password_reset",
    limit: "tries",
    key: addressBucket(context.address),
    rate: parts.reset.rates.network,
  }
  const crowded = await overLimit(parts, counted, context)
  if (crowded) return crowded
  // 2 verify
  const link = links.open("reset-password", token)
  if (typeof link === "string") return refuseReset(parts, context, link)
  // 3 used? whose? all as it was?
  const met = await meet(parts, link)
  if ("cause" in met) return refuseReset(parts, context, met.cause, link)
  const { userId } = link
  // 4 judge the new password, hash it
  const accepted = await parts.hashed(password, link.email)
  if (!accepted.ok) {
    await emit(context, { type: "password.reset_refused", cause: "policy", userId })
    return accepted
  }
  // 5 take the link, and 6 to 9
  const written = await useInTurn(parts, userId, links.singleUse(link), async () => {
    const { secret } = accepted
    // 6 all as it was, still?
    const still = await lookAt(parts, userId)
    if (causeOf(parts, link, still)) return false
    const write = (): Promise<boolean> => store(parts, link, still, secret, context)
    return writeAndEnd(parts, userId, write, "password_reset", context)
  })
  if (written === undefined) return refuseReset(parts, context, "link_used", link)
  if (!written) {
    await refuseReset(parts, context, "revoked_meanwhile", link)
    return refuse("conflict")
  }
  // 10 forget the account's failures: whoever locked the owner out by guessing has guessed at a password that is gone
  for (const step of ["account", "change"] as const) await byAccount.clear(`${step}:${userId}`)
  await emit(context, { type: "password.reset", userId })
  // 11 tell the owner
  mailTo(met.user, { kind: "notice", notice: "password_reset", at: clock() }, context)
  return { ok: true }
}

/** Whose link it is, or what stands against it. Looks, and changes nothing. */
async function meet(
  parts: ResetParts,
  link: AccountLink,
): Promise<{ readonly user: User } | { readonly cause: Cause }> {
  if (await parts.links.isUsed(link)) return { cause: "link_used" }
  const account = await lookAt(parts, link.userId)
  const { user } = account
  const cause = causeOf(parts, link, account)
  return user && !cause ? { user } : { cause: cause ?? "revoked_meanwhile" }
}

function causeOf(parts: ResetParts, link: AccountLink, { state, user }: ResetAccount): Cause | undefined {
  if (user?.email !== link.email) return "revoked_meanwhile"
  if (user.disabledAt !== null) return "disabled"
  return parts.links.isOf(link, state) ? undefined : "revoked_meanwhile"
}

/** False if something else was quicker. */
async function store(
  parts: ResetParts,
  { email, userId }: AccountLink,
  { stored, user }: ResetAccount,
  secret: string,
  context: Context,
): Promise<boolean> {
  const { clock, emit, passwords, sessions, users } = parts
  if (user && isVerified(user)) {
    // 7 end all sessions
    await sessions.endAll(userId, "password_reset", context)
    // 8 write
    return stored ? passwords.replace(stored, secret, "changed") : passwords.insert(userId, secret)
  }
  // 7 the same with every way in (account pre-hijacking); mark it verified, together with the address that was proven
  await removeWaysIn(parts, userId, context)
  const taken = await users.update(userId, { email, emailVerifiedAt: clock() })
  if (typeof taken === "string") return false
  await emit(context, { type: "user.claimed", userId })
  // 8 write
  return passwords.insert(userId, secret)
}

async function refuseReset(
  { emit }: ResetParts,
  context: Context,
  cause: Cause,
  link?: AccountLink,
): Promise<Refusal> {
  const who = link ? { userId: link.userId } : {}
  await emit(context, { type: "password.reset_refused", cause, ...who })
  return refuse(reasonOf[cause])
}
