import type { Context } from "../../context.js"
import type { FactorCause, PasskeyCause } from "../../events.js"
import { addressBucket } from "../../limits/client-address.js"
import { countAgainst, type Rate } from "../../limits/rate-limit.js"
import { type Reason, type Refusal, refuse } from "../../outcome.js"
import type { UnopenedCause } from "../unopened.js"
import type { PasskeyParts } from "./passkey.js"

/** Why somebody did not get in, exactly. */
export interface Failure {
  readonly cause: PasskeyCause | "disabled" | UnopenedCause
  readonly userId?: string
}

const reasonOf: { readonly [Cause in Failure["cause"]]: Reason } = {
  challenge_invalid: "passkey_invalid",
  unknown_passkey: "passkey_invalid",
  passkey_invalid: "passkey_invalid",
  passkey_copied: "passkey_invalid",
  disabled: "forbidden",
  revoked_meanwhile: "conflict",
  not_admitted: "forbidden",
  mfa_required: "mfa_required",
}

/** Reports a sign-in that failed, with its exact cause. A copied authenticator is told by itself, too, as it is when it proves a second factor. */
export async function refuseSignIn(
  { emit }: PasskeyParts,
  context: Context,
  failure: Failure,
): Promise<Refusal> {
  const { cause, userId } = failure
  if (cause === "passkey_copied" && userId !== undefined) {
    await emit(context, { type: "factor.refused", userId, factor: "passkey", cause })
  }
  await emit(context, { type: "sign_in.refused", flow: "passkey", ...failure })
  return refuse(reasonOf[cause])
}

/** The same for a passkey that a signed-in user wanted to add. */
export async function refuseRegistration(
  { emit }: PasskeyParts,
  context: Context,
  userId: string,
  cause: Extract<FactorCause, "challenge_invalid" | "passkey_invalid" | "revoked_meanwhile">,
): Promise<Refusal> {
  await emit(context, { type: "factor.refused", userId, factor: "passkey", cause })
  return refuse(cause === "revoked_meanwhile" ? "conflict" : "passkey_invalid")
}

/** Counts this call against the client's address, and refuses it if it is one too many. */
export async function overLimit(
  { clock, emit, rateLimits, realm }: PasskeyParts,
  what: "options" | "attempts",
  rate: Rate,
  context: Context,
): Promise<Refusal | undefined> {
  const key = `passkey:${realm}:${what}:${addressBucket(context.address)}`
  const permission = await countAgainst(rateLimits, clock, key, rate)
  if (permission.allowed) return undefined
  const { retryAfter } = permission
  await emit(context, { type: "limit.hit", limit: `passkey.${what}`, retryAfter })
  return refuse("rate_limited", { retryAfter })
}
