import { sha256 } from "#primitives"
import type { Context } from "../context.js"
import type { SignInTicket } from "../sessions/session.js"
import { exclusively } from "../stores/exclusive.js"
import type { Stores } from "../stores/ports.js"
import type { FlowKit } from "./flow.js"

type Turns = Pick<Stores, "challenges"> & Pick<FlowKit<never>, "clock">

/**
 * Runs a step that adds or removes ways into an account, one at a time per user: a claim must not meet a link half-way, and of two removals the
 * second must see what the first has left. Whatever the step relies on, it reads inside.
 * @param isPointless see {@link exclusively}
 */
export function changeWaysIn<Result>(
  parts: Turns,
  userId: string,
  step: () => Promise<Result>,
): Promise<Result>
export function changeWaysIn<Result>(
  parts: Turns,
  userId: string,
  step: () => Promise<Result>,
  isPointless: () => Promise<boolean>,
): Promise<Result | undefined>
export function changeWaysIn<Result>(
  { challenges, clock }: Turns,
  userId: string,
  step: () => Promise<Result>,
  isPointless?: () => Promise<boolean>,
): Promise<Result | undefined> {
  return exclusively(challenges, clock, `ways-in:${sha256(userId)}`, step, isPointless)
}

/** Something that somebody brings along and that is good once: a link, what waits in a browser. */
export interface SingleUse {
  readonly isUsed: () => Promise<boolean>
  /** Uses it up: true for exactly one of N parallel callers. */
  readonly take: () => Promise<boolean>
}

/**
 * The same for a step that uses something up, which is taken when it is its turn: whoever waits in vain keeps it. Whoever finds meanwhile that
 * somebody else has used it waits no longer. Undefined: it was used, and nothing was done.
 */
export function useInTurn<Result>(
  parts: Turns,
  userId: string,
  { isUsed, take }: SingleUse,
  step: () => Promise<Result>,
): Promise<Result | undefined> {
  return changeWaysIn(parts, userId, async () => ((await take()) ? step() : undefined), isUsed)
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
