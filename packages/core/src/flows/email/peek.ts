import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import { isVerified } from "../verified.js"
import type { EmailAction, EmailLinkInput, EmailLinkView, EmailParts } from "./email-address.js"
import { meet } from "./meet.js"
import { refusalOf } from "./refusals.js"

/** See {@link EmailSteps.peek}. */
export async function peek(
  parts: EmailParts,
  action: EmailAction,
  { token }: EmailLinkInput,
  context: Context,
): Promise<Outcome<EmailLinkView>> {
  const link = parts.links.open(action, token)
  if (typeof link === "string") return refuse(link)
  const { cause, user } = await meet(parts, link)
  const done =
    action === "verify-email" && cause === "link_used" && user?.email === link.email && isVerified(user)
  if (cause && !done) return refusalOf(cause)
  if (!user) return refuse("link_expired")
  const principal = await parts.sessions.read(context.token, context.request)
  const own = principal?.userId === user.id
  if (action === "confirm-email" && !own) return refuse("not_signed_in")
  return { ok: true, email: link.email, user, expiresAt: link.expiresAt, own, done }
}
