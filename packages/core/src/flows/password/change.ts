/*
 *  User               password flow                   sessions   rateLimits   credentials   hasher
 *     │ current, next     │ 1 who asks ──────────────────▶│          │            │           │
 *     ├──────────────────▶│ 2 reserve a try ────────────────────────▶│            │           │
 *     │                   │ 3 prove the current password ────────────────────────▶│──────────▶│
 *     │                   │ 4 judge the new one           │          │            │           │
 *     │                   │   (where a link may replace it too: 5 to 7 in turn, and a mail tells the owner) │
 *     │                   │ 5 replace what was read in 3 ────────────────────────▶│           │
 *     │                   │ 6 end all other sessions ────▶│          │            │           │
 *     │  new token        │ 7 rotate this one ───────────▶│          │            │           │
 *     │◀──────────────────┤                               │          │            │           │
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import { rotateOrEnd, writeAndEnd } from "../ended-sessions.js"
import type { PasswordChange, PasswordParts } from "./password.js"
import { normalizePassword } from "./policy.js"

/** See {@link PasswordSteps.change}. */
export async function change(
  parts: PasswordParts,
  input: PasswordChange,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { byAccount, emit, passwords, sessions, users } = parts
  // 1 who asks
  const principal = await sessions.read(context.token, context.request)
  if (!principal) return refuse("not_signed_in")
  const { session, userId } = principal
  const user = await users.find(userId)
  const stored = await passwords.find(userId)
  // 2 reserve a try: a session that was left open must not become a place to guess the password
  const tries = `change:${userId}`
  const reserved = await byAccount.reserve(tries)
  if (!reserved.allowed) return parts.limited(context, "password.change", reserved.retryAfter)
  // 3 prove the current password
  const current = normalizePassword(input.current)
  let wrong = false
  try {
    wrong = !(await passwords.verify(stored, current))
  } finally {
    // A fault of ours is no failure of the owner's.
    if (!wrong) await byAccount.giveBack(tries, reserved)
  }
  if (!user || !stored || wrong) {
    await emit(context, {
      type: "password.change_refused",
      userId,
      cause: stored ? "wrong_password" : "no_password",
    })
    return refuse("wrong_password")
  }
  // 4 judge the new one
  if (normalizePassword(input.next) === current) return refuse("password_unchanged")
  const accepted = await parts.hashed(input.next, user.email)
  if (!accepted.ok) {
    await emit(context, { type: "password.change_refused", userId, cause: "policy" })
    return accepted
  }
  const replace = async (): Promise<Outcome<{ session: OpenedSession<object> }>> => {
    // 5 replace what was read in 3: of parallel changes one wins. 6 ends what the old one opened, before anything else can fail
    const write = (): Promise<boolean> => passwords.replace(stored, accepted.secret, "changed")
    if (!(await writeAndEnd(parts, userId, write, "password_changed", context, session.id)))
      return refuse("conflict")
    await emit(context, { type: "password.changed", userId })
    // 7 rotate this one; what cannot be rotated ends
    return rotateOrEnd(parts, principal, "password_changed", context)
  }
  // Not between the two writes of a link: it would end the session, and then find that its password comes too late
  return parts.inTurn?.(stored, context, replace) ?? replace()
}

/** See {@link PasswordSteps.set}. */
export async function set(
  parts: PasswordParts,
  userId: string,
  password: string,
  context: Context,
): Promise<Outcome> {
  const { byAccount, emit, passwords, users } = parts
  const user = await users.find(userId)
  if (!user) return refuse("not_found")
  const accepted = await parts.hashed(password, user.email)
  if (!accepted.ok) return accepted
  const stored = await passwords.find(userId)
  const write = (): Promise<boolean> =>
    stored ? passwords.replace(stored, accepted.secret, "changed") : passwords.insert(userId, accepted.secret)
  if (!(await writeAndEnd(parts, userId, write, "password_changed", context))) return refuse("conflict")
  // Whoever locked the owner out by guessing has guessed at a password that is gone.
  await byAccount.clear(`account:${user.id}`)
  await emit(context, { type: "password.changed", userId })
  return { ok: true }
}
