/*
 *  User               e-mail flow                  sessions   rateLimits   users   challenges   mailer
 *     │ new address        │ 1 who asks, how freshly ─▶│          │          │          │          │
 *     ├───────────────────▶│ 2 read the address        │          │          │          │          │
 *     │                    │ 3 count user, network, address ─────▶│          │          │          │
 *     │                    │ 4 note address and epoch; is the new one free? ▶│          │          │
 *     │                    │ 5 sign a link, free or not│          │          │          │          │
 *     │  "look there"      │ 6 mail it to the new address, if it is free ────────────────────────▶│
 *     │◀───────────────────┤                           │          │          │          │          │
 *     │ opens it there: a page that asks, and uses nothing up     │          │          │          │
 *     │ presses the button │ 7 verify: signature, expiry          │          │          │          │
 *     ├───────────────────▶│ 8 signed in to the account? ─▶│      │          │          │          │
 *     │                    │ 9 is all as it was in 4? ────▶│─────────────────▶│          │          │
 *     │                    │   one at a time per user: signed in, still? ─────────────▶│          │
 *     │                    │ 10 take: of all who come, one ───────────────────────────▶│          │
 *     │                    │   is all as it was, still? ─────────────────────▶│          │          │
 *     │                    │ 11 note what takes it back ──────────────────────────────▶│          │
 *     │                    │ 12 write: the new address, proven ──────────────▶│          │          │
 *     │                    │ 13 end all other sessions, and every other link ▶│          │          │
 *     │                    │ 14 tell the old address, with a link that takes it back ────────────▶│
 *     │  new token         │ 15 rotate this session ──▶│          │          │          │          │
 *     │◀───────────────────┤                           │          │          │          │          │
 *
 * 8 is what keeps somebody from getting a stranger's proven address into an account of their own: a link that is pressed by whoever reads the mail, and is not
 * signed in to the account, does nothing. An old address that nobody ever proved is not told: it may be a stranger's, and the link would give them the account.
 */
import type { Context } from "../../context.js"
import { canonicalEmail } from "../../email-address.js"
import { addressBucket } from "../../limits/client-address.js"
import type { Rate } from "../../limits/rate-limit.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { OpenedSession, Principal } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import { rotateOrEnd } from "../ended-sessions.js"
import { overLimit } from "../mail-limits.js"
import { strongPrincipal } from "../second-factor.js"
import type { AccountLink } from "../signed-link.js"
import { isVerified } from "../verified.js"
import { changeWaysIn } from "../ways-in.js"
import type { EmailLinkInput, EmailParts } from "./email-address.js"
import { changeState, meet } from "./meet.js"
import { type EmailFailure, refuseLink } from "./refusals.js"
import { pile } from "./undoable.js"

/** See {@link EmailSteps.requestChange}. */
export async function requestChange(
  parts: EmailParts,
  input: { readonly email: string },
  context: Context,
): Promise<Outcome> {
  const { emit, links, mailTo, sessions, settings, users } = parts
  // 1 who asks, how freshly
  const asking = await strongPrincipal(parts, settings.fresh, context)
  if (!asking.ok) return asking
  const { userId } = asking.principal
  // 2 read the address
  const email = canonicalEmail(input.email)
  if (email === undefined) return refuse("invalid_email")
  // 3 count user, network, address
  const insistent = await tooMany(parts, { userId, email }, context)
  if (insistent) return insistent
  // 4 note address and epoch; is the new one free?
  const { epoch } = await sessions.begin(userId)
  const user = await users.find(userId)
  if (!user) return refuse("not_signed_in")
  if (user.email === email) return refuse("email_unchanged")
  const holder = await users.findByEmail(email)
  // 5 sign a link, free or not
  const { expiresAt, token } = links.sign(
    { action: "confirm-email", userId, email },
    settings.lifetimesMs["confirm-email"],
    changeState(user, epoch),
  )
  await emit(context, { type: "email.change_requested", userId })
  // 6 mail it to the new address, if it is free
  const url = `${settings.urls["confirm-email"]}?token=${token}`
  if (!holder) mailTo(user, { kind: "confirm_email", url, expiresAt }, context, email)
  return { ok: true }
}

/** The same whether somebody has the address: whoever guesses addresses learns nothing from the limits either. */
async function tooMany(
  parts: EmailParts,
  { email, userId }: { readonly userId: string; readonly email: string },
  context: Context,
): Promise<Refusal | undefined> {
  const { secrets, settings } = parts
  const { address, network, user } = settings.rates
  const keys: readonly (readonly [limit: string, key: string, rate: Rate])[] = [
    ["network", addressBucket(context.address), network],
    ["user", secrets.digests("limit", userId)[0], user],
    ["address", secrets.digests("limit", email)[0], address],
  ]
  for (const [limit, key, rate] of keys) {
    const refusal = await overLimit(parts, { flow: "email", limit, key, rate }, context)
    if (refusal) return refusal
  }
  return undefined
}

type Changed = Outcome<{ session: OpenedSession<object> }>

/** See {@link EmailSteps.confirmChange}. */
export async function confirmChange(
  parts: EmailParts,
  { token }: EmailLinkInput,
  context: Context,
): Promise<Changed> {
  const { links, sessions } = parts
  // 7 verify
  const link = links.open("confirm-email", token)
  if (typeof link === "string") return refuseLink(parts, context, link)
  const { userId } = link
  const refused = (cause: EmailFailure): Promise<Refusal> => refuseLink(parts, context, cause, userId)
  // Before anybody is looked at: the second click of a double click brings the token that the first has replaced, and would look like a thief.
  if (await links.isUsed(link)) return refused("link_used")
  // 8 signed in to the account?
  const principal = await sessions.read(context.token, context.request)
  if (principal?.userId !== userId) return refuse("not_signed_in")
  // 9 is all as it was in 4?
  const { cause } = await meet(parts, link)
  if (cause) return refused(cause)
  // 10 to 15, not while a claim or another change of the ways into the account is half-way
  const step = (): Promise<Changed | EmailFailure> => takeAndChange(parts, link, principal, context)
  const changed = (await changeWaysIn(parts, userId, step, () => links.isUsed(link))) ?? "link_used"
  return typeof changed === "string" ? refused(changed) : changed
}

async function takeAndChange(
  parts: EmailParts,
  link: AccountLink,
  principal: Principal<object>,
  context: Context,
): Promise<Changed | EmailFailure> {
  const { emit, links, sessions } = parts
  const { id } = principal.session
  if (await links.isUsed(link)) return "link_used"
  // Whoever waited for their turn may have signed out meanwhile, or have got another token: then the link is good still.
  const still = await sessions.read(context.token, context.request)
  if (still?.session.id !== id) return refuse("not_signed_in")
  // 10 take
  if (!(await links.take(link))) return "link_used"
  const failure = await writeAndTell(parts, link, id, context)
  if (failure) return failure
  await emit(context, { type: "email.changed", userId: link.userId })
  // 15 rotate this session; what cannot be rotated ends
  return rotateOrEnd(parts, principal, "email_changed", context)
}

/** Undefined if it happened. */
async function writeAndTell(
  parts: EmailParts,
  link: AccountLink,
  exceptId: string,
  context: Context,
): Promise<EmailFailure | undefined> {
  const { clock, links, mailTo, sessions, settings, users } = parts
  const { email, userId } = link
  const { epoch } = await sessions.begin(userId)
  const old = await users.find(userId)
  if (!old || old.disabledAt !== null || !links.isOf(link, changeState(old, epoch)))
    return "revoked_meanwhile"
  // 11 note what takes it back
  const told = isVerified(old)
  const undo = links.sign(
    { action: "undo-email", userId, email: old.email },
    settings.lifetimesMs["undo-email"],
    [],
  )
  if (told) await pile(parts, { ...undo, userId })
  // 12 write; a write that rejects may have taken effect, so then they end too
  let user: User | "absent" | "taken" | undefined
  try {
    user = await users.update(userId, { email, emailVerifiedAt: clock() })
  } finally {
    // 13 end all other sessions, and every other link
    if (typeof user !== "string") await sessions.endAll(userId, "email_changed", context, exceptId)
  }
  if (user === "taken") return "email_taken"
  if (user === "absent") return "revoked_meanwhile"
  // 14 tell the old address
  const url = `${settings.urls["undo-email"]}?token=${undo.token}`
  if (told) mailTo(old, { kind: "email_changed", url, expiresAt: undo.expiresAt }, context)
  return undefined
}
