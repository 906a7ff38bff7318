/*
 *  Owner              e-mail flow                    challenges   users   sessions   credentials
 *     │ the link in the    │ 1 verify: signature, expiry │          │         │            │
 *     │ mail to the old    │ 2 can it still be taken back? ▶│       │         │            │
 *     │ address: a page,   │ 3 is the old address free? ───────────▶│         │            │
 *     │ a button           │ 4 end all sessions ────────────────────────────▶│            │
 *     ├───────────────────▶│ 5 the old address, proven ────────────▶│         │            │
 *     │                    │ 6 remove the password, and what was added since ────────────▶│
 *     │                    │ 7 end what was opened since 4 ─────────────────▶│            │
 *     │  "sign in"         │ 8 this change and all later ones are off the pile: of all who come, one
 *     │◀───────────────────┤                             │          │         │            │
 *
 * Whoever took the account over may have changed anything since: the password, the address again. So nothing of the account need be as it was, only the
 * change itself not be taken back yet. 8 comes last and is what happens once: a step that broke off before leaves the link as it is, and the owner
 * presses again. Whatever is done twice so is done to the same end.
 */
import type { EpochMs } from "../../clock.js"
import type { Context } from "../../context.js"
import type { Outcome } from "../../outcome.js"
import type { User } from "../../stores/ports.js"
import type { AccountLink } from "../signed-link.js"
import { changeWaysIn } from "../ways-in.js"
import type { EmailLinkInput, EmailParts } from "./email-address.js"
import { meet } from "./meet.js"
import { type EmailFailure, refuseLink } from "./refusals.js"
import { undoableSince, unpile } from "./undoable.js"

/** See {@link EmailSteps.undoChange}. */
export async function undoChange(
  parts: EmailParts,
  { token }: EmailLinkInput,
  context: Context,
): Promise<Outcome<{ user: User }>> {
  // 1 verify
  const { emit, links } = parts
  const link = links.open("undo-email", token)
  if (typeof link === "string") return refuseLink(parts, context, link)
  // 2 can it still be taken back? 3 is the old address free? Before it waits for its turn, too: a link that is spent holds nobody up
  const takeBack = async (): Promise<User | EmailFailure> =>
    (await meet(parts, link)).cause ?? restore(parts, link, context)
  const user =
    (await meet(parts, link)).cause ??
    (await changeWaysIn(parts, link.userId, takeBack, () => links.isUsed(link))) ??
    "link_used"
  if (typeof user === "string") return refuseLink(parts, context, user, link.userId)
  await emit(context, { type: "email.change_undone", userId: link.userId })
  return { ok: true, user }
}

async function restore(parts: EmailParts, link: AccountLink, context: Context): Promise<User | EmailFailure> {
  const { clock, links, sessions, users } = parts
  const { email, userId } = link
  const since = await undoableSince(parts, link)
  if (since === undefined) return "link_used"
  // 4 end all sessions
  await sessions.endAll(userId, "email_changed", context)
  // 5 the old address, proven: its reader is here
  const user = await users.update(userId, { email, emailVerifiedAt: clock() })
  if (typeof user === "string") return user === "taken" ? "email_taken" : "revoked_meanwhile"
  // 6 remove the password, and what was added since
  await removeSince(parts, userId, since)
  // 7 end what was opened since 4
  await sessions.endAll(userId, "email_changed", context)
  // 8 this change and all later ones are off the pile
  const first = await unpile(parts, link)
  await links.take(link)
  return first ? user : "link_used"
}

/**
 * The password goes however old it is: it is what others guess, learn and change, and the owner sets a new one by mail. Of everything else the owner's own
 * stays, and what was added after the address was changed goes: it may be the thief's.
 */
async function removeSince({ credentials }: EmailParts, userId: string, since: EpochMs): Promise<void> {
  for (const { createdAt, handle, kind } of (await credentials?.listByUser(userId)) ?? []) {
    if (kind === "password" || createdAt >= since) await credentials?.delete(kind, handle)
  }
}
