import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { Credential } from "../../stores/ports.js"
import type { FlowKit } from "../flow.js"
import { changeWaysIn } from "../ways-in.js"
import type { PasswordSlots } from "./password.js"

/** Runs the step that replaces `stored` for whoever holds the session of this context. Refusals: `not_signed_in`, `conflict`, and the step's own. */
export type InTurn = <Done extends object>(
  stored: Credential,
  context: Context,
  step: () => Promise<Outcome<Done>>,
) => Promise<Outcome<Done>>

/**
 * Has a change of password wait for a link that is being used, and for whatever else changes the ways into the account, and then look again:
 * the session may have ended, and where the account was claimed the password that lies there now is its owner's, though it may have the
 * revision of the one before.
 */
export function inTurn({
  clock,
  sessions,
  stores: { challenges, credentials },
}: FlowKit<PasswordSlots | "challenges">): InTurn {
  return (stored, context, step) =>
    changeWaysIn({ challenges, clock }, stored.userId, async () => {
      const principal = await sessions.read(context.token, context.request)
      if (principal?.userId !== stored.userId) return refuse("not_signed_in")
      const now = await credentials.find("password", stored.userId)
      return now?.secret === stored.secret ? step() : refuse("conflict")
    })
}
