import type { Context } from "../../context.js"
import { type Reason, type Refusal, refuse } from "../../outcome.js"
import { isWorthAnEvent } from "../mail-limits.js"
import type { EmailParts } from "./email-address.js"
import type { Met } from "./meet.js"

/** Why a link did nothing, exactly. */
export type EmailFailure = NonNullable<Met["cause"]> | "link_invalid" | "link_expired"

const reasonOf: { readonly [Cause in EmailFailure]: Reason } = {
  link_invalid: "link_invalid",
  link_expired: "link_expired",
  link_used: "link_used",
  revoked_meanwhile: "link_expired",
  disabled: "forbidden",
  email_taken: "email_taken",
}

/** What the visitor hears of it. */
export function refusalOf(cause: EmailFailure): Refusal {
  return refuse(reasonOf[cause])
}

/** Reports a link that did nothing, and says to the visitor what they can do something about. */
export async function refuseLink(
  parts: EmailParts,
  context: Context,
  cause: EmailFailure,
  userId?: string,
): Promise<Refusal> {
  if (await isWorthAnEvent(parts, "email", parts.settings.rates.network, context)) {
    await parts.emit(context, { type: "email.refused", cause, ...(userId === undefined ? {} : { userId }) })
  }
  return refusalOf(cause)
}
