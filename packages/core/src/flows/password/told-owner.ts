import type { Context } from "../../context.js"
import type { AccountMailer } from "../account-mailer.js"
import { afterAnswer } from "../after-answer.js"
import type { FlowKit } from "../flow.js"
import { isVerified } from "../verified.js"
import type { InTurn } from "./in-turn.js"
import type { PasswordSlots } from "./password.js"

/**
 * Tells the owner by mail of a password that was changed in this turn: who did not do it knows now. At an address that somebody has proven; at any
 * other, whoever registered it could have mail sent for ever. What the host sets is its own to tell: it may be an import of thousands.
 */
export function toldOwner(
  inTurn: InTurn,
  { clock, heardBy, onFault, stores: { users } }: FlowKit<PasswordSlots>,
  mailTo: AccountMailer,
): InTurn {
  const changing = new WeakSet<Context>()
  // By the event, not by the answer: that is a refusal where the session was signed out meanwhile, and the password is another all the same.
  heardBy.add((event, context) => {
    if (event.type !== "password.changed" || !changing.has(context)) return
    const at = clock()
    const tell = async (): Promise<void> => {
      const user = await users.find(event.userId)
      if (user && isVerified(user)) mailTo(user, { kind: "notice", notice: "password_changed", at }, context)
    }
    afterAnswer(tell, context, onFault)
  })
  return (stored, context, step) => {
    changing.add(context)
    return inTurn(stored, context, step).finally(() => changing.delete(context))
  }
}
