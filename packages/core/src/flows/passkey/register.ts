/*
 *  Owner              passkey flow                  sessions    challenges    credentials    authenticator
 *     │ add a passkey     │ 1 who asks, proven how? ──────▶│           │             │              │
 *     ├──────────────────▶│ 2 what do they have? ─────────────────────────────────▶│              │
 *     │  options          │ 3 a challenge for this session ──────────▶│             │              │
 *     │◀──────────────────┤                                │           │             │              │
 *     │ … makes a key pair ────────────────────────────────────────────────────────────────────────▶│
 *     │ credential        │ 4 who asks, proven how? ──────▶│           │             │              │
 *     ├──────────────────▶│ 5 take the challenge ────────────────────▶│             │              │
 *     │                   │ 6 check the answer             │           │             │              │
 *     │                   │ 7 keep it, if 4 still holds ───▶──────────────────────▶│              │
 *     │                   │ 8 end all other sessions ─────▶│           │             │              │
 *     │◀──────────────────┤ 9 rotate this one ────────────▶│           │             │              │
 *
 * 7 runs one at a time per user: no more than twenty, and none for whoever has just lost the account (a claim, a reset, a sign-out).
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { Principal } from "../../sessions/session.js"
import { rotateOrEnd, writeAndEnd } from "../ended-sessions.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import { registrationIn } from "./answer.js"
import { newPasskeyIn } from "./ceremony.js"
import { methodsOf } from "./methods.js"
import { passkeyName } from "./name.js"
import { type CreationOptions, creationOptions } from "./options.js"
import type { PasskeyParts, PasskeyRegistration, RegisterInput } from "./passkey.js"
import { overLimit, refuseRegistration } from "./refusals.js"
import { type PasskeyUse, type StoredPasskey, viewOf } from "./stored-passkey.js"
import { userHandleOf } from "./user-handle.js"

/** Of one user. */
const mostPasskeys = 20

/** See {@link PasskeySteps.registrationOptions}. */
export async function registrationOptions(
  parts: PasskeyParts,
  { use = "sign_in" }: { readonly use?: PasskeyUse | undefined },
  context: Context,
): Promise<Outcome<{ options: CreationOptions }>> {
  const { passkeys, pending, secrets, settings, users } = parts
  const crowded = await overLimit(parts, "options", settings.rates.options, context)
  if (crowded) return crowded
  if (use !== "sign_in" && !settings.securityKeys) return refuse("invalid_request")
  // 1 who asks, proven how?
  const asked = await strongPrincipal(parts, settings.fresh, context)
  if (!asked.ok) return asked
  const { userId } = asked.principal
  // 2 what do they have?
  const user = await users.find(userId)
  if (!user) return refuse("not_signed_in")
  const held = await passkeys.listByUser(userId)
  if (held.length >= mostPasskeys) return refuse("too_many_passkeys")
  // 3 a challenge for this session
  const challenge = await pending.issue("register", boundTo(asked.principal), use)
  const { rp, rpName, userVerification } = settings
  const userHandle = userHandleOf(secrets, userId, held)
  const userName = settings.userName(user)
  const wanted = { challenge, rp, rpName, user, userName, userHandle, use, userVerification, held }
  return { ok: true, options: creationOptions(wanted) }
}

/** See {@link PasskeySteps.register}. */
export async function register(
  parts: PasskeyParts,
  input: RegisterInput,
  context: Context,
): Promise<Outcome<PasskeyRegistration>> {
  const { pending, settings } = parts
  const crowded = await overLimit(parts, "attempts", settings.rates.attempts, context)
  if (crowded) return crowded
  // 4 who asks, proven how?
  const asked = await strongPrincipal(parts, settings.fresh, context)
  if (!asked.ok) return asked
  const { userId } = asked.principal
  // 5 take the challenge
  const answer = registrationIn(input.response)
  const use = answer && (await pending.take("register", boundTo(asked.principal), answer.challenge))
  if (!answer || use === undefined) return refuseRegistration(parts, context, userId, "challenge_invalid")
  // 6 check the answer; a key that only stands beside something else need not know its user
  const verify = use === "sign_in" && settings.userVerification === "required"
  const made = await newPasskeyIn(answer, settings.rp, verify)
  if (!made) return refuseRegistration(parts, context, userId, "passkey_invalid")
  const passkey = { ...made, name: passkeyName(input.name), use: use as PasskeyUse }
  return keep(parts, asked.principal, answer.id, passkey, context)
}

function keep(
  parts: PasskeyParts,
  principal: Principal<object>,
  id: string,
  made: Omit<StoredPasskey, "lastUsedAt" | "userHandle">,
  context: Context,
): Promise<Outcome<PasskeyRegistration>> {
  const { clock, emit, mailTo, passkeys, secrets, sessions, settings, users } = parts
  const { session, userId } = principal
  return changeWaysIn(parts, userId, async () => {
    // 7 keep it, if 4 still holds
    const { epoch } = await sessions.begin(userId)
    const still = await strongPrincipal(parts, settings.fresh, context)
    if (!still.ok) return still
    const held = await passkeys.listByUser(userId)
    if (held.length >= mostPasskeys) return refuse("too_many_passkeys")
    const userHandle = userHandleOf(secrets, userId, held)
    // Should everything be revoked meanwhile, or another's turn have come because ours took too long, it never counted.
    const stillMay = async (): Promise<boolean> => (await sessions.begin(userId)).epoch === epoch
    let inserted: string | undefined
    const write = async (): Promise<boolean> => {
      inserted = await passkeys.insert(userId, id, { ...made, userHandle, lastUsedAt: null }, stillMay)
      return inserted === "inserted"
    }
    // 8 end all other sessions
    const written = await writeAndEnd(parts, userId, write, "factor_changed", context, session.id)
    if (inserted === "withdrawn") return refuseRegistration(parts, context, userId, "revoked_meanwhile")
    const own = written ? await passkeys.find(id) : undefined
    if (!own) return refuseRegistration(parts, context, userId, "passkey_invalid")
    await emit(context, { type: "factor.enrolled", userId, factor: "passkey" })
    const user = await users.find(userId)
    if (user) mailTo?.(user, { kind: "notice", notice: "factor_added", at: clock() }, context)
    // 9 rotate this one, which has shown two factors now, before the next may look at its token; what cannot be rotated ends
    const proven = new Set([...methodsOf(made, made), "mfa"])
    const rotated = await rotateOrEnd(parts, principal, "factor_changed", context, [...proven])
    if (!rotated.ok) return rotated
    await emit(context, { type: "session.elevated", userId, sessionId: session.id })
    return { ...rotated, passkey: viewOf(own) }
  })
}

/** A challenge is good in the session that asked for it alone. */
function boundTo({ session, userId }: Principal<object>): string {
  return `${userId} ${session.id}`
}
