/*
 *  Visitor            password flow                 rateLimits   users   sessions   credentials   hasher
 *     │ name, password   │                              │          │        │           │           │
 *     ├─────────────────▶│ 1 admit the address ────────▶│          │        │           │           │
 *     │                  │ 2 find whose name it is ───────────────▶│        │           │           │
 *     │                  │ 3 begin: note the epoch ────────────────────────▶│           │           │
 *     │                  │ 4 find user and stored hash ───────────▶│───────────────────▶│           │
 *     │                  │ 5 reserve the account's try ▶│          │        │           │           │
 *     │                  │ 6 verify, always once ────────────────────────────────────────────────▶│
 *     │                  │ 7 settle the throttles ─────▶│          │        │           │           │
 *     │                  │ 8 re-hash if outdated ─────────────────────────────────────▶│           │
 *     │  session, token  │ 9 open, if nothing was revoked since 3 ─────────▶│           │           │
 *     │◀─────────────────┤                              │          │        │           │           │
 *
 * The name is an e-mail address, or one of those that the host lets count (`username`): the try is reserved under the account that it leads
 * to, so that no alias has tries of its own; a device that has signed in with this password before may have some (`knownDevices`). Whatever goes
 * wrong in 2 to 9, the visitor hears `invalid_credentials`, after the same look-ups and one computed hash. Only step 1 answers differently
 * (`rate_limited`), and it knows nothing of accounts. What is believed of the account is read after 3: whoever disables it or changes the
 * password before that is seen in 4, and whoever does so later moves the epoch, so that 9 refuses.
 */
import type { Context } from "../../context.js"
import type { SignInCause } from "../../events.js"
import type { RatedHash } from "../../hashing/hasher.js"
import type { BackOff } from "../../limits/back-off.js"
import { addressBucket } from "../../limits/client-address.js"
import type { Permission } from "../../limits/rate-limit.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { SignInTicket } from "../../sessions/session.js"
import type { Credential, User } from "../../stores/ports.js"
import { causeOf } from "../unopened.js"
import { isVerified } from "../verified.js"
import type { DeviceTries } from "./device-tries.js"
import type { NameAndPassword, PasswordParts, PasswordSignIn } from "./password.js"
import { normalizePassword } from "./policy.js"

/** See {@link PasswordSteps.signIn}. */
export async function signIn(
  parts: PasswordParts,
  input: NameAndPassword,
  context: Context,
): Promise<Outcome<PasswordSignIn>> {
  const { byAddress, emit, hasher, passwords, realm, sessions, users } = parts
  const password = normalizePassword(input.password)
  const address = `address:${realm}:${addressBucket(context.address)}`

  // 1 admit the address
  const admitted = await byAddress.reserve(address)
  if (!admitted.allowed) return parts.limited(context, "sign_in.address", admitted.retryAfter)
  // 2 find whose name it is
  const { id, sought, unknown } = await parts.find(input, parts)
  const owner = id ?? nobody
  const named = id ?? sought
  // 3 begin: note the epoch
  const ticket = await sessions.begin(owner)
  // 4 find user and stored hash
  const user = await users.find(owner)
  const stored = await passwords.find(owner)
  // 5 reserve the account's try; what is nobody's has tries all the same
  const tries: BackOff & Partial<DeviceTries> = parts.devices?.(named, stored, context) ?? parts.byAccount
  // Whatever name led to the account, its failures are counted under its id.
  const key = `account:${named}`
  const reserved = await tries.reserve(key)
  // 6 verify, always once; without a reserved try, or with too long a password, the real hash is not even looked at
  const matched = await passwords
    .verify(stored, reserved.allowed ? password : undefined)
    .catch(async (fault) => {
      // A fault of ours is no failure of the owner's.
      await tries.giveBack(key, reserved)
      throw fault
    })

  const cause = refusalCause(parts, { user, ticket, stored, matched, unknown, password, reserved })
  if (cause || !user || !stored || password === undefined) {
    return refused(parts, context, cause ?? unknown, user, sought)
  }
  // 7 settle the throttles: the account's failures are over, the address keeps those of others
  await tries.clear(key)
  await byAddress.giveBack(address, admitted)
  // 8 re-hash if outdated; loses silently against a parallel change, whose hash is newer
  if (matched?.outdated && (await passwords.replace(stored, await hasher.hash(password), "rehashed"))) {
    await emit(context, { type: "password.rehashed", userId: user.id })
  }
  // 9 open, if nothing was revoked since 3, and the realm lets this user in
  const opened = await sessions.open(ticket, user, ["pwd"], context)
  if (!opened.ok) {
    const refusal = await refused(parts, context, causeOf(opened), user, sought)
    if (!opened.status) return refusal
    return tries.remember?.(opened) ?? opened
  }
  const { session } = opened
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "password", userId: user.id, sessionId })
  const signedIn = { ok: true, user, session, setCookie: [] } as const
  return tries.remember?.(signedIn) ?? signedIn
}

// No store assigns this id, so the look-ups of an unknown visitor find nothing, at the same cost.
const nobody = "-"

interface Evidence {
  readonly user: User | undefined
  readonly ticket: SignInTicket
  readonly stored: Credential | undefined
  readonly matched: RatedHash | undefined
  readonly unknown: SignInCause
  readonly password: string | undefined
  readonly reserved: Permission
}

/** The exact cause, for the event; undefined only if everything speaks for the visitor. */
function refusalCause(
  { requireVerifiedEmail }: Pick<PasswordParts, "requireVerifiedEmail">,
  evidence: Evidence,
): SignInCause | undefined {
  if (evidence.password === undefined) return "input_too_long"
  if (!evidence.reserved.allowed) return "backing_off"
  // A host's table may lead to an id that the store takes for another spelling of its own; epochs and tries are kept under one spelling only.
  if (evidence.user?.id !== evidence.ticket.userId) return evidence.unknown
  if (!evidence.stored) return "no_password"
  if (!evidence.matched) return "wrong_password"
  if (evidence.user.disabledAt !== null) return "disabled"
  if (requireVerifiedEmail && !isVerified(evidence.user)) return "email_unverified"
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
