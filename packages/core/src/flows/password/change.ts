/*
 *  User               password flow                   sessions   rateLimits   credentials   hasher
 *     │ current, next     │ 1 who asks ──────────────────▶│          │            │           │
 *     ├──────────────────▶│ 2 reserve a try ────────────────────────▶│            │           │
 *     │                   │ 3 prove the current password ────────────────────────▶│──────────▶│
 *     │                   │ 4 judge the new one           │          │            │           │
 *     │                   │ 5 replace what was read in 3 ────────────────────────▶│           │
 *     │                   │ 6 end all other sessions ────▶│          │            │           │
 *     │  new token        │ 7 rotate this one ───────────▶│          │            │           │
 *     │◀──────────────────┤                               │          │            │           │
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { PasswordChange, PasswordParts } from "./password.js"
import { normalizePassword } from "./policy.js"

/** See {@link PasswordSteps.change}. */
export async function change(
  parts: PasswordParts,
  input: PasswordChange,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { byAccount, emit, hasher, passwords, secrets, sessions, users } = parts
  // 1 who asks
  const principal = await sessions.read(context.token)
  if (!principal) return refuse("not_signed_in")
  const { userId } = principal
  // 2 reserve a try: a session that was left open must not become a place to guess the password
  const tries = `change:${secrets.digest("limit", userId)}`
  const reserved = await byAccount.reserve(tries)
  if (!reserved.allowed) return parts.limited(context, "password.change", reserved.retryAfter)
  // 3 prove the current password
  const user = await users.find(userId)
  const stored = await passwords.find(userId)
  const current = normalizePassword(input.current)
  const matches = await passwords.verify(current === undefined ? undefined : stored, current ?? "")
  if (!user || !stored || !matches) {
    await emit(context, {
      type: "password.change_refused",
      userId,
      cause: stored ? "wrong_password" : "no_password",
    })
    return refuse("wrong_password")
  }
  await byAccount.clear(tries)
  // 4 judge the new one
  const accepted = await parts.acceptable(input.next, user.email)
  if (!accepted.ok || accepted.password === current) {
    await emit(context, { type: "password.change_refused", userId, cause: "policy" })
    return accepted.ok ? refuse("password_unchanged") : accepted
  }
  // 5 replace what was read in 3: of parallel changes one wins
  if (!(await passwords.replace(stored, await hasher.hash(accepted.password), "changed")))
    return refuse("conflict")
  await emit(context, { type: "password.changed", userId })
  // 6 end all other sessions, and every sign-in that is just under way with the old password
  await sessions.endAll(userId, "password_changed", context, principal.session.id)
  // 7 rotate this one
  const session = await sessions.rotate(context.token, context)
  return session ? { ok: true, session } : refuse("not_signed_in")
}

/** See {@link PasswordSteps.set}. */
export async function set(
  parts: PasswordParts,
  userId: string,
  password: string,
  context: Context,
): Promise<Outcome> {
  const { emit, hasher, passwords, sessions, users } = parts
  const user = await users.find(userId)
  if (!user) return refuse("not_found")
  const accepted = await parts.acceptable(password, user.email)
  if (!accepted.ok) return accepted
  const secret = await hasher.hash(accepted.password)
  const stored = await passwords.find(userId)
  const written = stored ? passwords.replace(stored, secret, "changed") : passwords.insert(userId, secret)
  if (!(await written)) return refuse("conflict")
  await emit(context, { type: "password.changed", userId })
  await sessions.endAll(userId, "password_changed", context)
  return { ok: true }
}
