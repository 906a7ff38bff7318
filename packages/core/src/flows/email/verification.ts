/*
 *  User               e-mail flow                     rateLimits   users   challenges   mailer
 *     │ (registered, or    │ 1 count user and network ───▶│          │          │           │
 *     │  signed in, asks)  │ 2 find the user ───────────────────────▶│          │           │
 *     ├───────────────────▶│ 3 sign a link to the address            │          │           │
 *     │  "look into your   │ 4 hand the mail over, after the answer ───────────────────────▶│
 *     │◀── mail" ──────────┤                              │          │          │           │
 *
 *  Reader             e-mail flow                                  users   challenges
 *     │ opens it: a page that asks, and uses nothing up              │          │
 *     │ presses the button │ 5 verify: signature, expiry             │          │
 *     ├───────────────────▶│ 6 is it still the address, and unproven?│          │
 *     │                    │ 7 take: of all who come, one ─────────────────────▶│
 *     │  "proven"          │ 8 write that it is proven, with it ────▶│          │
 *     │◀───────────────────┤                              │          │          │
 *
 * The mail can be caused by somebody else: whoever registers with an address that is not theirs. So the page asks whether the account is the
 * reader's, and using the link opens nothing and removes nothing. An account stays unverified until its owner presses.
 */
import type { Context } from "../../context.js"
import { addressBucket } from "../../limits/client-address.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { User } from "../../stores/ports.js"
import { overLimit } from "../mail-limits.js"
import { isVerified } from "../verified.js"
import { useInTurn } from "../ways-in.js"
import type { EmailLinkInput, EmailParts } from "./email-address.js"
import { meet, verificationState } from "./meet.js"
import { refuseLink } from "./refusals.js"

/** See {@link EmailSteps.requestVerification}. */
export async function requestVerification(
  parts: EmailParts,
  { userId }: { readonly userId: string },
  context: Context,
): Promise<Outcome<{ mailed: boolean }>> {
  const { emit, links, mailTo, secrets, settings, users } = parts
  const { lifetimesMs, rates, urls } = settings
  // 1 count user and network
  const [digest] = secrets.digests("limit", userId)
  const insistent =
    (await overLimit(
      parts,
      { flow: "email", limit: "network", key: addressBucket(context.address), rate: rates.network },
      context,
    )) ?? (await overLimit(parts, { flow: "email", limit: "user", key: digest, rate: rates.user }, context))
  if (insistent) return insistent
  // 2 find the user
  const user = await users.find(userId)
  if (!user) return refuse("not_found")
  if (user.disabledAt !== null) return refuse("forbidden")
  if (isVerified(user)) return { ok: true, mailed: false }
  // 3 sign a link to the address
  const { expiresAt, token } = links.sign(
    { action: "verify-email", userId, email: user.email },
    lifetimesMs["verify-email"],
    verificationState(user),
  )
  await emit(context, { type: "email.verification_requested", userId })
  // 4 hand the mail over, after the answer
  mailTo(user, { kind: "verify_email", url: `${urls["verify-email"]}?token=${token}`, expiresAt }, context)
  return { ok: true, mailed: true }
}

/** See {@link EmailSteps.verify}. */
export async function verify(
  parts: EmailParts,
  { token }: EmailLinkInput,
  context: Context,
): Promise<Outcome<{ user: User }>> {
  const { clock, emit, links, users } = parts
  // 5 verify
  const link = links.open("verify-email", token)
  if (typeof link === "string") return refuseLink(parts, context, link)
  const { email, userId } = link
  // 6 is it still the address, and unproven?
  const { cause } = await meet(parts, link)
  if (cause) return refuseLink(parts, context, cause, userId)
  // 7 take, 8 write that it is proven: not while a change of address, or a claim, is half-way
  const proven = await useInTurn(parts, userId, links.singleUse(link), async () => {
    const current = await users.find(userId)
    if (current?.email !== email || current.disabledAt !== null || isVerified(current)) {
      return refuseLink(parts, context, "revoked_meanwhile", userId)
    }
    // Together with the address: whoever was in a moment ago may have put another there.
    const user = await users.update(userId, { email, emailVerifiedAt: clock() })
    if (typeof user === "string") return refuseLink(parts, context, "revoked_meanwhile", userId)
    await emit(context, { type: "email.verified", userId })
    return { ok: true, user } as const
  })
  return proven ?? refuseLink(parts, context, "link_used", userId)
}
