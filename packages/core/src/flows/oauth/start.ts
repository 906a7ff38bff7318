/*
 *  Browser              oauth flow                     rateLimits   sessions   provider   challenges
 *     │ provider          │ 1 find the provider            │           │          │           │
 *     ├──────────────────▶│ 2 count the address ──────────▶│           │          │           │
 *     │                   │ 3 who is signed in here? ─────────────────▶│          │           │
 *     │                   │ 4 make state, nonce, PKCE      │           │          │           │
 *     │                   │ 5 where does it want to be asked? ──────────────────▶│           │
 *     │  address, binding │ 6 keep the transaction, ten minutes ─────────────────────────────▶│
 *     │◀──────────────────┤                                │           │          │           │
 *     │ ── goes to the provider, with the binding in a cookie; callback.ts has the second half ──▶
 */
import type { Context } from "../../context.js"
import { addressBucket } from "../../limits/client-address.js"
import { countAgainst } from "../../limits/rate-limit.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { Principal } from "../../sessions/session.js"
import { strongPrincipal } from "../second-factor.js"
import type { OAuthParts, StartInput } from "./oauth.js"
import { failureOf, refuseSignIn } from "./refusals.js"
import { attemptOf, isSecret, newSecret, type Taken, type Transaction } from "./transaction.js"

type Departure = Outcome<{ url: string; binding: string }>

/** See {@link OAuthSteps.start}. */
export async function start(parts: OAuthParts, input: StartInput, context: Context): Promise<Departure> {
  // 3 who is signed in here: a sign-in that succeeds ends that session, also where its cookie does not come back with a form post
  return depart(parts, input, context, "sign_in", async () => ({
    ok: true,
    principal: await parts.sessions.read(context.token, context.request),
  }))
}

/** See {@link OAuthSteps.startLink}. */
export async function startLink(parts: OAuthParts, input: StartInput, context: Context): Promise<Departure> {
  // 3 who is signed in here, and since when
  return depart(parts, input, context, "link", () => strongPrincipal(parts, parts.settings.fresh, context))
}

async function depart(
  parts: OAuthParts,
  input: StartInput,
  context: Context,
  purpose: Transaction["purpose"],
  whoIsHere: () => Promise<Outcome<{ principal: Principal<object> | undefined }>>,
): Promise<Departure> {
  const { clock, emit, rateLimits, realm, settings, transactions } = parts
  // 1 find the provider
  const provider = settings.providers.get(input.provider)
  if (!provider) return refuse("not_found")
  // 2 count the address
  const key = `oauth:${realm}:${addressBucket(context.address)}`
  const admitted = await countAgainst(rateLimits, clock, key, settings.startRate)
  if (!admitted.allowed) {
    const { retryAfter } = admitted
    await emit(context, { type: "limit.hit", limit: "oauth.start", retryAfter })
    return refuse("rate_limited", { retryAfter })
  }
  // 3 who is signed in here?
  const here = await whoIsHere()
  if (!here.ok) return here
  const { principal } = here
  // 4 make state, nonce, PKCE; a binding from another tab stays, so that its attempt stays alive
  const binding = isSecret(input.binding) ? input.binding : newSecret()
  const transaction: Taken = {
    purpose,
    returnTo: input.returnTo,
    session: principal && { userId: principal.userId, id: principal.session.id },
    state: newSecret(),
    binding,
  }
  const attempt = attemptOf(transaction, settings.redirectUri(provider.name))
  // 5 where does it want to be asked?
  const url = await provider.authorizationUrl(attempt).catch(failureOf)
  if (!(url instanceof URL)) return refuseSignIn(parts, context, provider.name, url)
  // 6 keep the transaction
  await transactions.keep(provider.name, transaction)
  return { ok: true, url: url.href, binding }
}
