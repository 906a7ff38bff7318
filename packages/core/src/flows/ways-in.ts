import { sha256 } from "#primitives"
import type { Context } from "../context.js"
import type { SignInTicket } from "../sessions/session.js"
import { exclusively } from "../stores/exclusive.js"
import type { Stores } from "../stores/ports.js"
import type { FlowKit } from "./flow.js"

/**
 * Runs a step that adds or removes ways into an account, one at a time per user: a claim must not meet a link half-way, and of two removals the
 * second must see what the first has left. Whatever the step relies on, it reads inside.
 */
export function changeWaysIn<Result>(
  { challenges, clock }: Pick<Stores, "challenges"> & Pick<FlowKit<never>, "clock">,
  userId: string,
  step: () => Promise<Result>,
): Promise<Result> {
  return exclusively(challenges, clock, `ways-in:${sha256(userId)}`, step)
}

/**
 * Removes whatever let anybody into an account that nobody ever verified, before its owner gets it (account pre-hijacking): sessions first, so that
 * sign-ins under way fail; then credentials; then the sessions of those that began before their credential was gone. Inside {@link changeWaysIn}.
 */
export async function removeWaysIn(
  { credentials, sessions }: Partial<Pick<Stores, "credentials">> & Pick<FlowKit<never>, "sessions">,
  userId: string,
  context: Context,
): Promise<SignInTicket> {
  await sessions.endAll(userId, "claimed", context)
  await credentials?.deleteByUser(userId)
  await sessions.endAll(userId, "claimed", context)
  return sessions.begin(userId)
}
