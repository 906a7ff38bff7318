import type { Context } from "../../context.js"
import type { OAuthCause, SignInCause } from "../../events.js"
import { type Reason, type Refusal, refuse } from "../../outcome.js"
import type { UnopenedCause } from "../unopened.js"
import type { OAuthParts } from "./oauth.js"
import { ProviderError } from "./provider-error.js"

/** Why somebody did not get in, exactly: for the event. */
export interface Failure<
  Cause extends SignInCause = OAuthCause | "disabled" | "email_unverified" | UnopenedCause,
> {
  readonly cause: Cause
  readonly detail?: string
  readonly userId?: string
  /** Where somebody can prove the old way in: what they must hold for it. Never in an event. */
  readonly pending?: string
}

/** A refusal, and what the browser must hold to go on from it. */
export type PendingRefusal = Refusal & { readonly pending?: string }

const reasonOf: { readonly [Cause in Failure["cause"]]: Reason } = {
  state_mismatch: "oauth_state_mismatch",
  denied: "oauth_denied",
  response_invalid: "oauth_failed",
  provider_unavailable: "oauth_unavailable",
  token_refused: "oauth_failed",
  id_token_invalid: "oauth_failed",
  profile_invalid: "oauth_failed",
  email_missing: "oauth_email_missing",
  email_unverified: "oauth_email_unverified",
  registration_closed: "registration_closed",
  link_required: "oauth_link_required",
  account_exists: "oauth_account_exists",
  identity_taken: "identity_taken",
  disabled: "forbidden",
  revoked_meanwhile: "conflict",
  not_admitted: "forbidden",
  mfa_required: "mfa_required",
}

/** A provider's failure as a value; every other fault goes on. */
export function failureOf(fault: unknown): Failure<OAuthCause> {
  if (fault instanceof ProviderError) return { cause: fault.fault, detail: fault.detail }
  throw fault
}

/** Reports a sign-in that failed, with its exact cause, and says to the visitor what they can do something about. */
export async function refuseSignIn(
  { emit }: OAuthParts,
  context: Context,
  provider: string,
  { pending, ...failure }: Failure,
): Promise<PendingRefusal> {
  await emit(context, { type: "sign_in.refused", flow: "oauth", provider, ...failure })
  const refusal = refuse(reasonOf[failure.cause])
  return pending === undefined ? refusal : { ...refusal, pending }
}

/** The same for an identity that a signed-in user wanted to add. */
export async function refuseLink(
  { emit }: OAuthParts,
  context: Context,
  provider: string,
  { pending: _, ...failure }: Failure<OAuthCause | "revoked_meanwhile"> & { readonly userId: string },
): Promise<Refusal> {
  await emit(context, { type: "identity.link_refused", provider, ...failure })
  return refuse(reasonOf[failure.cause])
}
