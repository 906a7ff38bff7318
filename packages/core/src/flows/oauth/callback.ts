/*
 *  Browser              oauth flow                     challenges    provider    users, credentials   sessions
 *     │ state, code       │ 1 take the transaction ───────▶│            │              │                │
 *     ├──────────────────▶│   (state, browser and provider are one key: else nothing is there)         │
 *     │                   │ 2 check iss, error, code       │            │              │                │
 *     │                   │ 3 exchange the code ───────────────────────▶│              │                │
 *     │                   │ 4 check the ID token, or ask for the profile▶│             │                │
 *     │                   │ 5 who is it? ───────────────────────────────────────────▶│                 │
 *     │  session, token   │ 6 open, if nothing was revoked since 5 ───────────────────────────────────▶│
 *     │◀──────────────────┤                                │            │              │                │
 *
 * Nothing is sent to a provider before 1 has succeeded, and 1 succeeds once per attempt. 2 to 4 are the provider's
 * (`ConnectedProvider.identify`), 5 is `arrival.ts`. To link an identity to the account that is signed in, 5 and 6 are `link.ts` instead.
 */
import type { Context } from "../../context.js"
import { addressBucket } from "../../limits/client-address.js"
import { countAgainst } from "../../limits/rate-limit.js"
import { type Refusal, refuse } from "../../outcome.js"
import { arrive } from "./arrival.js"
import { linkToSession } from "./link.js"
import type { Arrival, CallbackInput, OAuthParts } from "./oauth.js"
import type { ProvenIdentity } from "./provider.js"
import { ProviderError } from "./provider-error.js"
import { failureOf, refuseLink, refuseSignIn } from "./refusals.js"
import { attemptOf } from "./transaction.js"

/** See {@link OAuthSteps.callback}. */
export async function callback(parts: OAuthParts, input: CallbackInput, context: Context): Promise<Arrival> {
  const { settings, transactions } = parts
  const { binding, parameters } = input
  const provider = settings.providers.get(input.provider)
  if (!provider) return { ...refuse("not_found"), purpose: "sign_in", returnTo: undefined }
  const { name } = provider
  // 1 take the transaction
  const taken = await transactions.take(name, parameters.get("state"), binding)
  if (!taken) return { ...(await mismatch(parts, context, name)), purpose: "sign_in", returnTo: undefined }
  const { purpose, returnTo, session } = taken
  // 2 check iss, error, code; 3 exchange the code; 4 check the ID token, or ask for the profile
  const proven = await provider
    .identify(parameters, attemptOf(taken, settings.redirectUri(name)))
    .then(checkedIdentity)
    .catch(failureOf)
  if (purpose === "link" && session) {
    const linked =
      "cause" in proven
        ? await refuseLink(parts, context, name, { ...proven, userId: session.userId })
        : await linkToSession(parts, name, proven, session, context)
    return { ...linked, purpose, returnTo }
  }
  // 5 who is it? 6 open
  const arrived =
    "cause" in proven
      ? await refuseSignIn(parts, context, name, proven)
      : await arrive(parts, { provider: name, identity: proven, returnTo, session }, context)
  return { ...arrived, purpose: "sign_in", returnTo }
}

/** Anybody can send anything here: of each address only so many are worth an event. */
async function mismatch(parts: OAuthParts, context: Context, provider: string): Promise<Refusal> {
  const { clock, rateLimits, realm, settings } = parts
  const key = `oauth-mismatch:${realm}:${addressBucket(context.address)}`
  const { allowed } = await countAgainst(rateLimits, clock, key, settings.startRate)
  return allowed
    ? refuseSignIn(parts, context, provider, { cause: "state_mismatch" })
    : refuse("oauth_state_mismatch")
}

/** OpenID Connect Core §2: a subject has at most 255 ASCII characters. What a provider's API calls its users is held to the same. */
function checkedIdentity(identity: ProvenIdentity): ProvenIdentity {
  if (typeof identity.subject === "string" && /^[\x21-\x7e]{1,255}$/.test(identity.subject)) return identity
  throw new ProviderError("profile_invalid", "subject")
}
