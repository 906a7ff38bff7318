/*
 *  Visitor            password flow                 rateLimits   users   sessions   credentials   hasher
 *     │ name, password   │                              │          │        │           │           │
 *     ├─────────────────▶│ 1 admit the address ────────▶│          │        │           │           │
 *     │                  │ 2 find whose name it is ───────────────▶│        │           │           │
 *     │                  │ 3 reserve the account's try ▶│          │        │           │           │
 *     │                  │ 4 begin: note the epoch ────────────────────────▶│           │           │
 *     │                  │ 5 find user and stored hash ───────────▶│───────────────────▶│           │
 *     │                  │ 6 verify, always once ────────────────────────────────────────────────▶│
 *     │                  │ 7 settle the throttles ─────▶│          │        │           │           │
 *     │                  │ 8 re-hash if outdated ─────────────────────────────────────▶│           │
 *     │  session, token  │ 9 open, if nothing was revoked since 4 ─────────▶│           │           │
 *     │◀─────────────────┤                              │          │        │           │           │
 *
 * The name is an e-mail address, or one of those that the host lets count (`username`): the try is reserved under the account that it leads
 * to, so that no alias has tries of its own. Whatever goes wrong in 2 to 9, the visitor hears `invalid_credentials`, after the same look-ups
 * and one computed hash. Only step 1 answers differently (`rate_limited`), and it knows nothing of accounts. What is believed of the
 * account is read after 4: whoever disables it or changes the password before that is seen in 5, and whoever does so later moves the epoch,
 * so that 9 refuses.
 */
import type { Context } from "../../context.js"
import type { SignInCause } from "../../events.js"
import type { RatedHash } from "../../hashing/hasher.js"
import { addressBucket } from "../../limits/client-address.js"
import type { Permission } from "../../limits/rate-limit.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { OpenedSession, SignInTicket } from "../../sessions/session.js"
import type { Credential, User } from "../../stores/ports.js"
import { causeOf } from "../unopened.js"
import { isVerified } from "../verified.js"
import type { NameAndPassword, PasswordParts } from "./password.js"
import { normalizePassword } from "./policy.js"

/** See {@link PasswordSteps.signIn}. */
export async function signIn(
  parts: PasswordParts,
  input: NameAndPassword,
  context: Context,
): Promise<Outcome<{ user: User; session: OpenedSession<object> }>> {
  const { byAccount, byAddress, emit, hasher, passwords, realm, sessions } = parts
  const password = normalizePassword(input.password)
  const address = `address:${realm}:${addressBucket(context.address)}`

  // 1 admit the address
  const admitted = await byAddress.reserve(address)
  if (!admitted.allowed) return parts.limited(context, "sign_in.address", admitted.retryAfter)
  // 2 find whose name it is
  const { id, sought, unknown } = await parts.find(input, parts)
  // 3 reserve the account's try; what is nobody's has tries all the same
  const account = triesOf(parts, "account", id ?? sought)
  const reserved = await byAccount.reserve(account)
  // 4 to 6: a fault of ours is no failure of the owner's
  const evidence = await look(parts, id, reserved.allowed ? password : undefined).catch(async (fault) => {
    await byAccount.giveBack(account, reserved)
    throw fault
  })
  const { matched, stored, ticket, user } = evidence

  const cause = refusalCause({ ...parts, ...evidence, unknown, password, reserved })
  if (cause || !user || !stored || password === undefined) {
    return refused(parts, context, cause ?? unknown, user, sought)
  }
  // 7 settle the throttles: the account's failures are over, the address keeps those of others
  await byAccount.clear(account)
  await byAddress.giveBack(address, admitted)
  // 8 re-hash if outdated; loses silently against a parallel change, whose hash is newer
  if (matched?.outdated && (await passwords.replace(stored, await hasher.hash(password), "rehashed"))) {
    await emit(context, { type: "password.rehashed", userId: user.id })
  }
  // 9 open, if nothing was revoked since 4, and the realm lets this user in
  const opened = await sessions.open(ticket, user, ["pwd"], context)
  if (!opened.ok) {
    const refusal = await refused(parts, context, causeOf(opened), user, sought)
    return opened.status ? opened : refusal
  }
  const { session } = opened
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "password", userId: user.id, sessionId })
  return { ok: true, user, session }
}

/** The key under which an account's failures are counted: a keyed digest of its id, whatever name led there, or of what is nobody's name. */
export function triesOf({ secrets }: PasswordParts, step: "account" | "change", idOrSought: string): string {
  return `${step}:${secrets.digests("limit", idOrSought)[0]}`
}

interface Look {
  readonly user: User | undefined
  readonly ticket: SignInTicket
  readonly stored: Credential | undefined
  readonly matched: RatedHash | undefined
}

async function look(
  { passwords, sessions, users }: PasswordParts,
  id = nobody,
  password?: string,
): Promise<Look> {
  // 4 begin: note the epoch
  const ticket = await sessions.begin(id)
  // 5 find user and stored hash
  const user = await users.find(id)
  const stored = await passwords.find(id)
  // 6 verify, always once; without a reserved try, or with too long a password, the real hash is not even looked at
  const matched = await passwords.verify(stored, password)
  return { user, ticket, stored, matched }
}

// No store assigns this id, so the look-ups of an unknown visitor find nothing, at the same cost.
const nobody = "-"

interface Evidence extends Look {
  readonly unknown: SignInCause
  readonly password: string | undefined
  readonly reserved: Permission
  readonly requireVerifiedEmail: boolean
}

/** The exact cause, for the event; undefined only if everything speaks for the visitor. */
function refusalCause(evidence: Evidence): SignInCause | undefined {
  if (evidence.password === undefined) return "input_too_long"
  if (!evidence.reserved.allowed) return "backing_off"
  // A host's table may lead to an id that the store takes for another spelling of its own; epochs and tries are kept under one spelling only.
  if (evidence.user?.id !== evidence.ticket.userId) return evidence.unknown
  if (!evidence.stored) return "no_password"
  if (!evidence.matched) return "wrong_password"
  if (evidence.user.disabledAt !== null) return "disabled"
  if (evidence.requireVerifiedEmail && !isVerified(evidence.user)) return "email_unverified"
  return undefined
}

async function refused(
  parts: PasswordParts,
  context: Context,
  cause: SignInCause,
  user: User | undefined,
  sought: string,
): Promise<Refusal> {
  const who = user ? { userId: user.id } : { emailDigest: parts.secrets.digests("event", sought)[0] }
  await parts.emit(context, { type: "sign_in.refused", flow: "password", cause, ...who })
  return refuse("invalid_credentials")
}
