/*
 *  Visitor             password flow                  rateLimits   policy   hasher   users   credentials   sessions
 *     │ e-mail, password  │ 1 count the address ──────────▶│          │        │        │         │           │
 *     ├──────────────────▶│ 2 judge what was typed ──────────────────▶│       │        │         │           │
 *     │                   │ 3 hash, free or not ──────────────────────────────▶│       │         │           │
 *     │                   │ 4 create: the store says who was first ────────────────────▶│        │           │
 *     │                   │ 5 store the password ───────────────────────────────────────────────▶│          │
 *     │ "go on to sign in"│   (private: the same answer, at a quarter of a second)      │         │           │
 *     │◀──────────────────┤ 6 open (immediate only) ────────────────────────────────────────────────────────▶│
 */
import type { Context } from "../../context.js"
import { canonicalEmail } from "../../email-address.js"
import { StoreError } from "../../errors.js"
import { addressBucket } from "../../limits/client-address.js"
import { countAgainst } from "../../limits/rate-limit.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession, SignInTicket } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import type { EmailAndPassword, PasswordParts } from "./password.js"

/** See {@link PasswordSteps.register}. */
export async function register(
  parts: PasswordParts,
  input: EmailAndPassword,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> | undefined }>> {
  const startedAt = parts.clock()
  const outcome = await tryToRegister(parts, input, context)
  // Creating writes more than finding out that the address is taken, and a database takes milliseconds for that.
  if (parts.registration === "private") {
    const sinceQuarter = (parts.clock() - startedAt) % 250
    await new Promise((resolve) => setTimeout(resolve, (250 - sinceQuarter) % 250))
  }
  return outcome
}

async function tryToRegister(
  parts: PasswordParts,
  input: EmailAndPassword,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> | undefined }>> {
  const { clock, emit, limits, rateLimits, realm, registration, sessions, users } = parts
  if (registration === "closed") {
    await emit(context, { type: "user.registration_refused", cause: "closed" })
    return refuse("registration_closed")
  }
  // 1 count the address
  const key = `register:${realm}:${addressBucket(context.address)}`
  const admitted = await countAgainst(rateLimits, clock, key, limits.registrations)
  if (!admitted.allowed) return parts.limited(context, "register.address", admitted.retryAfter)
  // 2 judge what was typed
  const email = canonicalEmail(input.email)
  if (email === undefined) return refuse("invalid_email")
  // 3 hash, free or not
  const accepted = await parts.hashed(input.password, email)
  if (!accepted.ok) {
    await emit(context, { type: "user.registration_refused", cause: "policy" })
    return accepted
  }
  // 4 create
  const user = await users.create({ email, emailVerifiedAt: null, createdAt: clock() })
  if (!user) {
    await emit(context, { type: "user.registration_refused", cause: "email_taken" })
    return registration === "private" ? { ok: true, session: undefined } : refuse("email_taken")
  }
  // 5 store the password
  const ticket = await storeOrUndo(parts, user, accepted.secret)
  await emit(context, { type: "user.registered", userId: user.id })
  if (registration === "private") return { ok: true, session: undefined }
  // 6 open
  return sessions.open(ticket, user, ["pwd"], context)
}

/**
 * Stores the password in two steps: first none, which nothing matches, then the hash, if nothing of the user's was revoked yet. For between
 * creating the user and here somebody may have claimed the account. If it cannot be stored the account goes, since one that nobody can
 * enter would block its address. Nor may it be entered with a password that lies there under its id from before.
 */
async function storeOrUndo(
  { passwords, sessions, users }: PasswordParts,
  { id }: User,
  secret: string,
): Promise<SignInTicket> {
  try {
    const none = (await passwords.insert(id, "")) ? await passwords.find(id) : undefined
    const ticket = await sessions.begin(id)
    if (none && ticket.epoch === 0 && (await passwords.replace(none, secret, "changed"))) return ticket
    throw new StoreError("credentials", new Error("Id reused, or claimed."))
  } catch (fault) {
    if ((await sessions.begin(id)).epoch === 0) await users.delete(id)
    throw fault
  }
}
