import type { Context } from "../../context.js"
import type { User } from "../../stores/ports.js"
import type { AccountMailer } from "../account-mailer.js"
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
  { clock, heardBy, stores: { users } }: FlowKit<PasswordSlots>,
  mailTo: AccountMailer,
): InTurn {
  const owners = new WeakMap<Context, User>()
  // By the event, not by the answer: that is a refusal where the session was signed out meanwhile, and the password is another all the same.
  heardBy.add((event, context) => {
    const owner = event.type === "password.changed" && owners.get(context)
    if (owner) mailTo(owner, { kind: "notice", notice: "password_changed", at: clock() }, context)
  })
  return (stored, context, step) =>
    inTurn(stored, context, async () => {
      const user = await users.find(stored.userId)
      if (user && isVerified(user)) owners.set(context, user)
      return step().finally(() => owners.delete(context))
    })
}
