/*
 *  Owner              magic-link flow                challenges   users, credentials   sessions
 *     │ link              │ 1 verify: signature, expiry    │               │               │
 *     ├──────────────────▶│ 2 who has the address? since when? ───────────▶│──────────────▶│
 *     │                   │ 3 take: of all who come, one ─▶│               │               │
 *     │                   │ 4 admit and make the user, or find ───────────▶│               │
 *     │                   │   (never verified before: remove what let others in) ─────────▶│
 *     │  session, token   │ 5 open, if nothing was revoked since 2 ───────────────────────▶│
 *     │◀──────────────────┤                                │               │               │
 *
 * A code goes the same way: its tries are counted first, then it is compared, and it takes what the link of its mail would take. Whatever breaks
 * off after 3 costs a new mail and grants nothing. Of an account that was never verified 3 and 4 are one turn, so that whoever waits for it in
 * vain has not used the link up.
 */
import { sha256 } from "#primitives"
import type { Context } from "../../context.js"
import { addressBucket } from "../../limits/client-address.js"
import { countAgainst } from "../../limits/rate-limit.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { SingleUse } from "../ways-in.js"
import { arrive, meet } from "./arrival.js"
import { isCodeOf } from "./code.js"
import type { LinkClaims } from "./link-token.js"
import type {
  ArrivedByLink,
  ConfirmCodeInput,
  ConfirmLinkInput,
  LinkView,
  MagicLinkParts,
} from "./magic-link.js"
import { overLimit, refuseLink } from "./refusals.js"

/** Whoever guesses among 10^6 codes with five tries wins once in 200,000 mails. */
const mostTries = 5

/**
 * What was used or tried is remembered for so long after the link has ended: a caller whose clock is behind, or who has checked the link at its last
 * moment and then waited for a store, must still find it.
 */
const graceMs = 3_600_000

/** See {@link MagicLinkSteps.peek}. */
export async function peek(
  parts: MagicLinkParts,
  { browser, token }: { readonly token: string | undefined; readonly browser?: string | undefined },
): Promise<Outcome<LinkView>> {
  const claims = parts.tokens.open("magic-link", token)
  if (typeof claims === "string") return refuse(claims)
  if (await linkOf(parts, claims).isUsed()) return refuse("link_used")
  const { cause } = await meet(parts, claims)
  if (cause === "disabled") return refuse("forbidden")
  if (cause === "revoked_meanwhile") return refuse("link_expired")
  const { email, expiresAt, locale } = claims
  const asked = parts.browsers.isAsker(claims, browser)
  return { ok: true, email, locale, expiresAt, asked, claimRequired: cause === "claim_required" }
}

/** See {@link MagicLinkSteps.confirm}. */
export async function confirm(
  parts: MagicLinkParts,
  { browser, claim = false, token }: ConfirmLinkInput,
  context: Context,
): Promise<Outcome<ArrivedByLink>> {
  // 1 verify
  const claims = parts.tokens.open("magic-link", token)
  if (typeof claims === "string") return refuseLink(parts, context, { cause: claims })
  return enter(parts, claims, { asked: parts.browsers.isAsker(claims, browser), claim }, context)
}

/** See {@link MagicLinkSteps.confirmCode}. */
export async function confirmCode(
  parts: MagicLinkParts,
  { attempt, claim = false, code }: ConfirmCodeInput,
  context: Context,
): Promise<Outcome<ArrivedByLink>> {
  const { challenges, clock, rateLimits, realm, secrets, settings, tokens } = parts
  const { digits, rates } = settings
  if (digits === undefined) return refuse("not_found")
  // 1 verify: it is this browser's; then the try is counted, then the code is looked at
  const claims = tokens.open("magic-link-code", attempt)
  if (typeof claims === "string") return refuseLink(parts, context, { cause: "code_expired" })
  const { email, expiresAt, id } = claims
  const exhausted = (): Promise<Refusal> => refuseLink(parts, context, { cause: "code_exhausted", email })
  const tries = await challenges.increment(`magic-link-tries:${realm}:${sha256(id)}`, expiresAt + graceMs)
  // What no longer counts for this mail does not count against its address either, or one mail would be enough to lock out all codes.
  if (tries > mostTries) return exhausted()
  const crowded = await overLimit(
    parts,
    `network-codes:${addressBucket(context.address)}`,
    rates.network,
    context,
  )
  if (crowded) return crowded
  const address = `magic-link:${realm}:codes:${secrets.digests("limit", email)[0]}`
  if (!(await countAgainst(rateLimits, clock, address, rates.codes)).allowed) return exhausted()
  if (!isCodeOf(secrets, claims, digits, code)) {
    return refuseLink(parts, context, { cause: "code_wrong", email })
  }
  const entered = await enter(parts, claims, { asked: true, claim }, context)
  return !entered.ok && entered.reason === "link_used" ? refuse("code_expired") : entered
}

async function enter(
  parts: MagicLinkParts,
  claims: LinkClaims,
  { asked, claim }: { readonly asked: boolean; readonly claim: boolean },
  context: Context,
): Promise<Outcome<ArrivedByLink>> {
  const { email, locale } = claims
  const link = linkOf(parts, claims)
  // 2 who has the address? since when?
  const met = await meet(parts, claims)
  if (met.cause && !(met.cause === "claim_required" && claim)) {
    const { user } = met
    // What a used link has changed is no reason to call it expired.
    const used = met.cause === "revoked_meanwhile" && (await link.isUsed())
    return refuseLink(parts, context, { cause: used ? "link_used" : met.cause, email, userId: user?.id })
  }
  // 3 take; 4 admit and make the user, or find; 5 open
  const arrived = await arrive(parts, claims, { ...met, asked, claim, link }, context)
  if ("cause" in arrived) return refuseLink(parts, context, { email, ...arrived })
  const { session, user } = arrived
  // Whoever asked may be somebody else than who reads the mail: only in their own browser do they say where to go.
  return { ok: true, user, session, locale, returnTo: asked ? claims.returnTo : undefined }
}

/** That it was used is all that is kept of a link; nothing in the key tells whose it was. */
function linkOf({ challenges, realm }: MagicLinkParts, { expiresAt, id }: LinkClaims): SingleUse {
  const usedKey = `magic-link-used:${realm}:${sha256(id)}`
  return {
    isUsed: async () => (await challenges.get(usedKey)) !== undefined,
    take: async () => (await challenges.add(usedKey, "", expiresAt + graceMs)) === true,
  }
}
