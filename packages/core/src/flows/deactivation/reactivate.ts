/*
 *  Reader             deactivation flow                  users   challenges   mailer
 *     │ opens the link: a page that asks, and uses nothing up │          │
 *     │ presses the button │ 1 verify: signature, expiry │    │          │
 *     ├───────────────────▶│ 2 still disabled, since that instant? ▶     │
 *     │                    │ 3 take: of all who come, one ────▶│          │
 *     │                    │ 4 enable ──────────────────▶│     │          │
 *     │  "sign in"         │ 5 tell the user, after the answer ─────────▶│
 *     │◀───────────────────┤                             │     │          │
 *
 * Whoever reads the mail gets no session by it: they sign in as ever. An administrator who disables the account later makes it another instant, and the link void. Between
 * 2 and 4 is one round trip in which that would be overlooked: a users table has no compare-and-swap.
 */
import type { Context } from "../../context.js"
import type { EventBody } from "../../events.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { User } from "../../stores/ports.js"
import { isWorthAnEvent } from "../mail-limits.js"
import type { AccountLink } from "../signed-link.js"
import { deactivationState } from "./deactivate.js"
import type { DeactivationParts, ReactivationInput, ReactivationView } from "./deactivation.js"

type Cause = Extract<EventBody, { readonly type: "user.reactivation_refused" }>["cause"]

/** See {@link DeactivationSteps.peek}. */
export async function peek(
  parts: DeactivationParts,
  { token }: ReactivationInput,
): Promise<Outcome<ReactivationView>> {
  const link = parts.links.open("reactivate", token)
  if (typeof link === "string") return refuse(link)
  const user = await met(parts, link)
  return typeof user === "string" ? refusalOf(user) : { ok: true, user, expiresAt: link.expiresAt }
}

/** See {@link DeactivationSteps.reactivate}. */
export async function reactivate(
  parts: DeactivationParts,
  { token }: ReactivationInput,
  context: Context,
): Promise<Outcome<{ user: User }>> {
  const { clock, emit, links, mailTo, users } = parts
  // 1 verify
  const link = links.open("reactivate", token)
  if (typeof link === "string") return refuseLink(parts, context, link)
  const { userId } = link
  // 2 still disabled, since that instant?
  const before = await met(parts, link)
  if (typeof before === "string") return refuseLink(parts, context, before, userId)
  // 3 take
  if (!(await links.take(link))) return refuseLink(parts, context, "link_used", userId)
  // 4 enable
  const user = await users.update(userId, { disabledAt: null })
  if (typeof user === "string") return refuseLink(parts, context, "revoked_meanwhile", userId)
  // 5 tell the user
  mailTo(user, { kind: "notice", notice: "account_reactivated", at: clock() }, context)
  await emit(context, { type: "user.reactivated", userId })
  return { ok: true, user }
}

/** The account of a link that can be used, or why it cannot. */
async function met({ links, users }: DeactivationParts, link: AccountLink): Promise<User | Cause> {
  const user = await users.find(link.userId)
  if (await links.isUsed(link)) return "link_used"
  if (!user || user.disabledAt === null) return "revoked_meanwhile"
  return links.isOf(link, deactivationState(user)) ? user : "revoked_meanwhile"
}

function refusalOf(cause: Cause): Refusal {
  return refuse(cause === "revoked_meanwhile" ? "link_expired" : cause)
}

async function refuseLink(
  parts: DeactivationParts,
  context: Context,
  cause: Cause,
  userId?: string,
): Promise<Refusal> {
  if (await isWorthAnEvent(parts, "deactivation", parts.settings.refusals, context)) {
    const who = userId === undefined ? {} : { userId }
    await parts.emit(context, { type: "user.reactivation_refused", cause, ...who })
  }
  return refusalOf(cause)
}
