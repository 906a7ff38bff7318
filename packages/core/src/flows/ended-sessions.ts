import type { Context } from "../context.js"
import type { SessionEnd } from "../events.js"
import { type Outcome, refuse } from "../outcome.js"
import type { OpenedSession, Principal } from "../sessions/session.js"
import type { FlowKit } from "./flow.js"

/**
 * Writes what changes how a user gets in, then ends their sessions, but for `exceptId`, and every sign-in that is just under way. A write that
 * rejects may have taken effect all the same, so then they end too. False, and nothing ends, if it answers that it wrote nothing.
 */
export async function writeAndEnd(
  { sessions }: Pick<FlowKit<never>, "sessions">,
  userId: string,
  write: () => Promise<boolean>,
  cause: SessionEnd,
  context: Context,
  exceptId?: string,
): Promise<boolean> {
  let written = true
  try {
    written = await write()
  } finally {
    if (written) await sessions.endAll(userId, cause, context, exceptId)
  }
  return written
}

/**
 * A new token for the session in which that was done; `proven` as of `sessions.rotate`. What cannot be rotated ends.
 * Refusal: `not_signed_in`.
 */
export async function rotateOrEnd(
  { sessions }: Pick<FlowKit<never>, "sessions">,
  { session, userId }: Principal<object>,
  cause: SessionEnd,
  context: Context,
  proven?: readonly string[],
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const rotated = await sessions.rotate(context.token, context, proven)
  if (rotated) return { ok: true, session: rotated }
  await sessions.end(userId, session.id, cause, context)
  return refuse("not_signed_in")
}
