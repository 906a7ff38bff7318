/*
 *  Visitor            passkey flow             rateLimits   challenges   credentials   sessions   users
 *     │ (the page opens)  │ 1 count the address ──▶│           │             │            │         │
 *     ├──────────────────▶│ 2 a challenge for this browser ──▶│             │            │         │
 *     │  options, cookie  │                        │           │             │            │         │
 *     │◀──────────────────┤                        │           │             │            │         │
 *     │ … chooses an account; its authenticator signs          │             │            │         │
 *     │ credential        │ 3 count the address ──▶│           │             │            │         │
 *     ├──────────────────▶│ 4 take the challenge ────────────▶│             │            │         │
 *     │                   │ 5 whose passkey is it? ───────────────────────▶│            │         │
 *     │                   │ 6 begin: note the epoch ──────────────────────────────────▶│         │
 *     │                   │ 7 find user and passkey ──────────────────────▶──────────────────────▶│
 *     │                   │ 8 check the answer     │           │             │            │         │
 *     │                   │ 9 write the counter ──────────────────────────▶│            │         │
 *     │  session, token   │ 10 open, if nothing was revoked since 6 ──────────────────▶│         │
 *     │◀──────────────────┤                        │           │             │            │         │
 *
 * Nobody says who they are before they have proven it: the options are the same for all. What is believed of the account is read after 6:
 * whoever disables it or removes the passkey before that is seen in 7, and whoever does so later moves the epoch, so that 10 refuses.
 */
import { randomText } from "#primitives"
import type { Context } from "../../context.js"
import type { Outcome } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import { causeOf } from "../unopened.js"
import { type AssertionAnswer, assertionIn } from "./answer.js"
import { useIn } from "./ceremony.js"
import { methodsOf } from "./methods.js"
import { type RequestOptions, requestOptions } from "./options.js"
import type { PasskeyParts, SignInInput } from "./passkey.js"
import { type Failure, overLimit, refuseSignIn } from "./refusals.js"
import type { HeldPasskey } from "./stored-passkey.js"

/** Says which browser has asked: 132 random bits. */
const browserText = /^[\w-]{22}$/

/** See {@link PasskeySteps.signInOptions}. */
export async function signInOptions(
  parts: PasskeyParts,
  input: { readonly browser?: string | undefined },
  context: Context,
): Promise<Outcome<{ options: RequestOptions; browser: string }>> {
  const { pending, settings } = parts
  // 1 count the address
  const crowded = await overLimit(parts, "options", settings.rates.options, context)
  if (crowded) return crowded
  // 2 a challenge for this browser; what it holds stays, so that each of its tabs can have one
  const browser = browserText.test(input.browser ?? "") ? (input.browser as string) : randomText(22)
  const challenge = await pending.issue("sign-in", browser)
  return { ok: true, browser, options: requestOptions(challenge, settings.rp, settings.userVerification) }
}

/** See {@link PasskeySteps.signIn}. */
export async function signIn(
  parts: PasskeyParts,
  { browser = "", response }: SignInInput,
  context: Context,
): Promise<Outcome<{ user: User; session: OpenedSession<object> }>> {
  const { emit, passkeys, pending, sessions, settings, users } = parts
  const refused = (failure: Failure): ReturnType<typeof refuseSignIn> => refuseSignIn(parts, context, failure)
  // 3 count the address
  const crowded = await overLimit(parts, "attempts", settings.rates.attempts, context)
  if (crowded) return crowded
  // 4 take the challenge
  const answer = assertionIn(response)
  const taken = answer && (await pending.take("sign-in", browser, answer.challenge))
  if (!answer || taken === undefined) return refused({ cause: "challenge_invalid" })
  // 5 whose passkey is it?
  const userId = (await passkeys.find(answer.id))?.credential.userId
  if (userId === undefined) return refused({ cause: "unknown_passkey" })
  // 6 begin: note the epoch
  const ticket = await sessions.begin(userId)
  // 7 find user and passkey
  const user = await users.find(userId)
  const held = await passkeys.find(answer.id)
  if (user?.id !== userId || held?.credential.userId !== userId) return refused({ cause: "unknown_passkey" })
  // 8 check the answer
  const used = signsInBy(held, answer)
    ? await useIn(answer, held.stored, settings.rp, settings.userVerification === "required")
    : undefined
  if (!used) return refused({ cause: "passkey_invalid", userId })
  if (user.disabledAt !== null) return refused({ cause: "disabled", userId })
  // 9 write the counter
  const noted = await passkeys.noteUse(held, used)
  if (noted === "copied") return refused({ cause: "passkey_copied", userId })
  if (noted === "gone") return refused({ cause: "revoked_meanwhile", userId })
  // 10 open, if nothing was revoked since 6, and the realm lets this user in
  const opened = await sessions.open(ticket, user, methodsOf(held.stored, used), context)
  if (!opened.ok) {
    const refusal = await refused({ cause: causeOf(opened), userId })
    return opened.status ? opened : refusal
  }
  const { session } = opened
  const sessionId = session.principal.session.id
  await emit(context, { type: "sign_in.succeeded", flow: "passkey", userId, sessionId })
  return { ok: true, user, session }
}

/** Whether it is one to sign in by, and the authenticator calls the account as we do (WebAuthn §7.2 step 6). */
function signsInBy({ stored }: HeldPasskey, { response }: AssertionAnswer): boolean {
  return stored.use === "sign_in" && response.userHandle === stored.userHandle
}
