/*
 *  Visitor            password flow                 rateLimits   users   credentials   hasher   sessions
 *     │ e-mail, password │                              │          │          │          │         │
 *     ├─────────────────▶│ 1 admit the address ────────▶│          │          │          │         │
 *     │                  │ 2 reserve the account's try ▶│          │          │          │         │
 *     │                  │ 3 find the user ────────────────────────▶│         │          │         │
 *     │                  │ 4 begin: note the epoch ───────────────────────────────────────────────▶│
 *     │                  │ 5 find the stored hash ────────────────────────────▶│         │         │
 *     │                  │ 6 verify, always once ────────────────────────────────────────▶│        │
 *     │                  │ 7 settle the throttles ─────▶│          │          │          │         │
 *     │                  │ 8 re-hash if outdated ─────────────────────────────▶│         │         │
 *     │  session, token  │ 9 open, if nothing was revoked since 4 ────────────────────────────────▶│
 *     │◀─────────────────┤                              │          │          │          │         │
 *
 * Whatever goes wrong in 2 to 9, the visitor hears `invalid_credentials`, after the same store calls and one computed hash.
 * Only step 1 answers differently (`rate_limited`), and it knows nothing of accounts.
 */
import type { Context } from "../../context.js"
import { canonicalEmail } from "../../email-address.js"
import type { SignInCause } from "../../events.js"
import { addressBucket } from "../../limits/client-address.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { Credential, User } from "../../stores/ports.js"
import type { EmailAndPassword, PasswordParts } from "./password.js"
import { normalizePassword } from "./policy.js"

/** See {@link PasswordSteps.signIn}. */
export async function signIn(
  parts: PasswordParts,
  input: EmailAndPassword,
  context: Context,
): Promise<Outcome<{ user: User; session: OpenedSession<object> }>> {
  const { byAccount, byAddress, emit, hasher, passwords, secrets, sessions, users } = parts
  const email = canonicalEmail(input.email)
  const password = normalizePassword(input.password)
  // What cannot be an address is looked up all the same, under a name that no account has, so that it costs the same.
  const sought = email ?? "@"
  const account = `account:${secrets.digest("limit", sought)}`
  const address = `address:${addressBucket(context.address ?? "")}`

  // 1 admit the address
  const admitted = await byAddress.reserve(address)
  if (!admitted.allowed) return parts.limited(context, "sign_in.address", admitted.retryAfter)
  // 2 reserve the account's try
  const reserved = await byAccount.reserve(account)
  // 3 find the user
  const user = await users.findByEmail(sought)
  // 4 begin: note the epoch
  const ticket = await sessions.begin(user?.id ?? nobody)
  // 5 find the stored hash
  const stored = await passwords.find(user?.id ?? nobody)
  // 6 verify, always once; without a reserved try the real hash is not even looked at
  const evaluated = reserved.allowed && password !== undefined ? stored : undefined
  const matches = await passwords.verify(evaluated, password ?? "")

  const cause = refusalCause({ email, password, reserved: reserved.allowed, user, stored, matches })
  if (cause !== undefined || !user || !stored || password === undefined) {
    return refused(parts, context, cause ?? "unknown_email", user, sought)
  }
  // 7 settle the throttles: the account's failures are over, the address keeps those of others
  await byAccount.clear(account)
  await byAddress.giveBack(address)
  // 8 re-hash if outdated; loses silently against a parallel change, whose hash is newer
  if (
    passwords.outdated(stored) &&
    (await passwords.replace(stored, await hasher.hash(password), "rehashed"))
  ) {
    await emit(context, { type: "password.rehashed", userId: user.id })
  }
  // 9 open, if nothing was revoked since 4
  const session = await sessions.open(ticket, user, ["pwd"], context)
  if (!session) return refused(parts, context, "revoked_meanwhile", user, sought)
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "password", userId: user.id, sessionId })
  return { ok: true, user, session }
}

// No store assigns this id, so the look-ups of an unknown visitor find nothing, at the same cost.
const nobody = "-"

interface Evidence {
  readonly email: string | undefined
  readonly password: string | undefined
  readonly reserved: boolean
  readonly user: User | undefined
  readonly stored: Credential | undefined
  readonly matches: boolean
}

/** The exact cause, for the event; undefined only if everything speaks for the visitor. */
function refusalCause(evidence: Evidence): SignInCause | undefined {
  if (evidence.email === undefined) return "malformed_email"
  if (evidence.password === undefined) return "input_too_long"
  if (!evidence.reserved) return "backing_off"
  if (!evidence.user) return "unknown_email"
  if (!evidence.stored) return "no_password"
  if (!evidence.matches) return "wrong_password"
  if (evidence.user.disabledAt !== null) return "disabled"
  return undefined
}

async function refused(
  parts: PasswordParts,
  context: Context,
  cause: SignInCause,
  user: User | undefined,
  sought: string,
): Promise<Refusal> {
  const who = user ? { userId: user.id } : { emailDigest: parts.secrets.digest("event", sought) }
  await parts.emit(context, { type: "sign_in.refused", flow: "password", cause, ...who })
  return refuse("invalid_credentials")
}
