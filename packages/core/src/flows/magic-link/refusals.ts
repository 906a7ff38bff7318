import type { Context } from "../../context.js"
import type { LinkCause, SignInCause } from "../../events.js"
import { addressBucket } from "../../limits/client-address.js"
import { countAgainst, type Rate } from "../../limits/rate-limit.js"
import { type Reason, type Refusal, refuse } from "../../outcome.js"
import type { UnopenedCause } from "../unopened.js"
import type { MagicLinkParts } from "./magic-link.js"

/** Why somebody did not get in, exactly. */
export interface LinkFailure {
  readonly cause: Extract<SignInCause, LinkCause | "disabled" | UnopenedCause>
  readonly userId?: string | undefined
  /** What the realm's rule says to them, or what they must do next. */
  readonly refusal?: Refusal
  /** Whom the link was for, where no user is known. */
  readonly email?: string | undefined
}

const reasonOf: { readonly [Cause in LinkFailure["cause"]]: Reason } = {
  link_invalid: "link_invalid",
  link_expired: "link_expired",
  link_used: "link_used",
  claim_required: "link_claim_required",
  code_wrong: "code_invalid",
  code_expired: "code_expired",
  code_exhausted: "code_exhausted",
  registration_closed: "registration_closed",
  disabled: "forbidden",
  revoked_meanwhile: "link_expired",
  not_admitted: "forbidden",
  mfa_required: "mfa_required",
}

/** Reports a link or code that let nobody in, and says to the visitor what they can do something about. */
export async function refuseLink(
  parts: MagicLinkParts,
  context: Context,
  { cause, email, refusal, userId }: LinkFailure,
): Promise<Refusal> {
  if (await isWorthAnEvent(parts, context)) {
    const who =
      userId === undefined
        ? email === undefined
          ? {}
          : { emailDigest: parts.secrets.digests("event", email)[0] }
        : { userId }
    await parts.emit(context, { type: "sign_in.refused", flow: "magic-link", cause, ...who })
  }
  return refusal?.status ? refusal : refuse(reasonOf[cause])
}

/** Anybody can send anything here: of each address only so many are. */
async function isWorthAnEvent(
  { clock, rateLimits, realm, settings }: MagicLinkParts,
  { address }: Context,
): Promise<boolean> {
  const key = `magic-link:${realm}:wrong:${addressBucket(address)}`
  return (await countAgainst(rateLimits, clock, key, settings.rates.network)).allowed
}

/** Counts this call, and refuses it if it is one too many. What a limit is called stands before the first ":" of its key. */
export async function overLimit(
  { clock, emit, rateLimits, realm }: MagicLinkParts,
  key: string,
  rate: Rate,
  context: Context,
): Promise<Refusal | undefined> {
  const permission = await countAgainst(rateLimits, clock, `magic-link:${realm}:${key}`, rate)
  if (permission.allowed) return undefined
  const { retryAfter } = permission
  await emit(context, { type: "limit.hit", limit: `magic_link.${key.split(":")[0]}`, retryAfter })
  return refuse("rate_limited", { retryAfter })
}
