/*
 *  User               password flow                   sessions   rateLimits   credentials   hasher
 *     │ password          │ 1 who asks ──────────────────▶│          │            │           │
 *     ├──────────────────▶│ 2 reserve a try ────────────────────────▶│            │           │
 *     │                   │ 3 prove the password ────────────────────────────────▶│──────────▶│
 *     │  new token        │ 4 rotate: fresh from now ────▶│          │            │           │
 *     │◀──────────────────┤                               │          │            │           │
 *
 * The tries are those of a change of password: two routes are not twice as many guesses for whoever finds a session left open.
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { PasswordParts } from "./password.js"
import { normalizePassword } from "./policy.js"

/** What `passwordConfirm()` adds to the flow's own steps. */
export interface ConfirmSteps {
  /**
   * Whoever is signed in proves with their password that it is still they (step-up): the session is fresh from now on, its methods have `pwd`, and it gets a new token. A
   * second factor stays asked for where it is. Refusals: `not_signed_in`, `rate_limited`, `wrong_password` (also: the account has none).
   */
  confirm(
    input: { readonly password: string },
    context: Context,
  ): Promise<Outcome<{ session: OpenedSession<object> }>>
}

/** See {@link ConfirmSteps.confirm}. */
export async function confirm(
  parts: PasswordParts,
  { password }: { readonly password: string },
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { byAccount, emit, passwords, sessions } = parts
  // 1 who asks
  const principal = await sessions.read(context.token, context.request)
  if (!principal) return refuse("not_signed_in")
  const { userId } = principal
  const stored = await passwords.find(userId)
  // 2 reserve a try
  const tries = `change:${userId}`
  const reserved = await byAccount.reserve(tries)
  if (!reserved.allowed) return parts.limited(context, "password.confirm", reserved.retryAfter)
  // 3 prove the password
  let wrong = false
  try {
    wrong = !(await passwords.verify(stored, normalizePassword(password)))
  } finally {
    // A fault of ours is no failure of the owner's.
    if (!wrong) await byAccount.giveBack(tries, reserved)
  }
  if (wrong) {
    const cause = stored ? "wrong_password" : "no_password"
    await emit(context, { type: "password.confirm_refused", userId, cause })
    return refuse("wrong_password")
  }
  // 4 rotate: fresh from now
  const session = await sessions.rotate(context.token, context, ["pwd"])
  if (!session) return refuse("not_signed_in")
  await emit(context, { type: "session.elevated", userId, sessionId: session.principal.session.id })
  return { ok: true, session }
}
