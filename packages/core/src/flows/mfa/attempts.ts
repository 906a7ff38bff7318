import type { Context } from "../../context.js"
import type { FactorCause, FactorKind } from "../../events.js"
import type { BackOff, Reservation } from "../../limits/back-off.js"
import { type Reason, type Refusal, refuse } from "../../outcome.js"
import type { Credential, User } from "../../stores/ports.js"
import type { Factor, FactorAnswer, FactorAttempt, FactorVerdict } from "../factor.js"
import type { Challenge } from "./challenges.js"
import type { MfaParts } from "./mfa.js"

const reasonOf: { readonly [Cause in FactorCause]: Reason } = {
  challenge_invalid: "mfa_challenge_invalid",
  code_wrong: "code_invalid",
  code_used: "code_invalid",
  not_enrolled: "factor_unavailable",
  passkey_invalid: "passkey_invalid",
  passkey_copied: "passkey_invalid",
  revoked_meanwhile: "conflict",
  disabled: "forbidden",
}

/** Reports what was not taken, with its exact cause, and says to the visitor what they can do something about. */
export async function refuseFactor(
  { emit }: Pick<MfaParts, "emit">,
  context: Context,
  { cause, factor, userId }: { cause: FactorCause; factor: FactorKind; userId?: string | undefined },
): Promise<Refusal> {
  await emit(context, { type: "factor.refused", factor, cause, ...(userId === undefined ? {} : { userId }) })
  return refuse(reasonOf[cause])
}

/** One try of a user's, over all challenges and factors: counted before anything is looked at, and taken back only if it was right, or a fault of ours. */
export async function tried(
  { emit, secrets, throttles }: MfaParts,
  userId: string,
  context: Context,
  look: () => Promise<FactorVerdict>,
): Promise<FactorVerdict | Refusal> {
  const [digest] = secrets.digests("limit", userId)
  const reserved: (readonly [throttle: BackOff, key: string, reservation: Reservation])[] = []
  const giveBack = (): Promise<unknown> =>
    Promise.all(reserved.map(([throttle, key, reservation]) => throttle.giveBack(key, reservation)))
  for (const [index, throttle] of throttles.entries()) {
    const key = `mfa-${index}:${digest}`
    const reservation = await throttle.reserve(key)
    if (!reservation.allowed) {
      const { retryAfter } = reservation
      await giveBack()
      await emit(context, { type: "limit.hit", limit: "mfa", retryAfter })
      return refuse("rate_limited", { retryAfter })
    }
    reserved.push([throttle, key, reservation])
  }
  try {
    const verdict = await look()
    if ("methods" in verdict) for (const [throttle, key] of reserved) await throttle.clear(key)
    return verdict
  } catch (fault) {
    await giveBack()
    throw fault
  }
}

/** Whom a challenge is for, as of now; undefined if the account is gone or disabled, or everything was revoked since. */
export async function standing(
  { credentials, sessions, users }: MfaParts,
  { epoch, userId }: Pick<Challenge, "epoch" | "userId">,
): Promise<{ user: User; held: readonly Credential[] } | undefined> {
  if ((await sessions.begin(userId)).epoch !== epoch) return undefined
  const user = await users.find(userId)
  if (!user || user.disabledAt !== null) return undefined
  return { user, held: await credentials.listByUser(userId) }
}

/** The try itself: a factor that the user does not have says no, as a wrong code does. */
export function verdictOf(
  factor: Factor | undefined,
  attempt: FactorAttempt,
  answer: FactorAnswer,
  context: Context,
): Promise<FactorVerdict> | FactorVerdict {
  return factor?.isHeldBy(attempt.user, attempt.held)
    ? factor.verify(attempt, answer, context)
    : { cause: "not_enrolled" }
}
