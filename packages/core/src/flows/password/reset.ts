import type { EpochMs } from "../../clock.js"
import type { Context } from "../../context.js"
import type { Rate } from "../../limits/rate-limit.js"
import type { Outcome } from "../../outcome.js"
import type { Credential, Stores, User } from "../../stores/ports.js"
import type { AccountMailer } from "../account-mailer.js"
import type { FlowKit } from "../flow.js"
import { type AccountLinks, accountLinks } from "../signed-link.js"
import { isVerified } from "../verified.js"
import type { PasswordParts, PasswordSlots } from "./password.js"
import { peekReset, reset } from "./reset-confirm.js"
import { forgot } from "./reset-request.js"

/** The slots that a reset takes besides those of the password flow. */
export type ResetSlots = "challenges"

/** The reset with every option decided; `resetByMail()` fills the defaults. */
export interface ResetSettings {
  /** The host's origin, which every link names. */
  readonly audience: string
  /** Where the link leads, without its query. */
  readonly url: string
  readonly lifetimeMs: number
  readonly rates: {
    /** Mails that one network asks for, and, counted apart, links that it tries. */
    readonly network: Rate
    readonly address: Rate
    readonly mailbox: Rate
  }
}

/** What a page says of a link before it is used. */
export interface ResetView {
  /** Whose password it is: for the page, and for password managers. */
  readonly email: string
  readonly expiresAt: EpochMs
}

/** The steps that `password({ reset: resetByMail({ … }) })` adds. */
export interface ResetSteps {
  /**
   * Mails a link to whoever has an account with this address. Answer, store calls and counters are the same for an unknown address, a disabled
   * account (no mail), one without a password, and what is no address. Nothing is stored; a new link does not end an older one. Refusal: `rate_limited`.
   */
  forgot(input: { readonly email: string }, context?: Context): Promise<Outcome>
  /** What a link is, without using it. Refusals: `link_invalid`, `link_expired`, `link_used`, `forbidden` (disabled). */
  peekReset(input: { readonly token: string | undefined }): Promise<Outcome<ResetView>>
  /**
   * Sets the password of the link's account and ends all of its sessions, and with them every other link. Opens no session; a second factor stays
   * and is asked at the next sign-in. An account whose address nobody verified is taken over: every earlier way in goes, its second factors
   * too, and it counts as verified. One of N parallel callers.
   * Refusals: those of `peekReset`, `rate_limited`, the policy's `password_…` (the link is still good), `conflict` (it is not: another change was quicker).
   */
  reset(
    input: { readonly token: string | undefined; readonly password: string },
    context?: Context,
  ): Promise<Outcome>
}

/** What `resetByMail()` adds to the steps of `password()`, and what a page that calls them needs of HTTP. */
export interface ResetFlow extends ResetSteps {
  /** The token of the link that this browser has followed, out of a `Cookie` header: for a page that shows it by `peekReset({ token })`. */
  resetTokenOf(cookieHeader: string | null | undefined): string | undefined
}

/** What the steps share, made once per realm. */
export interface ResetParts extends PasswordParts, Pick<FlowKit<never>, "onFault"> {
  readonly challenges: Stores["challenges"]
  readonly credentials: Stores["credentials"]
  readonly links: AccountLinks
  readonly mailTo: AccountMailer
  readonly reset: ResetSettings
}

/** Builds the steps over the realm's kit and what the password flow is made of. */
export function resetSteps(
  kit: FlowKit<PasswordSlots | ResetSlots>,
  password: PasswordParts,
  settings: ResetSettings,
  mailTo: AccountMailer,
): ResetSteps {
  const { challenges, credentials } = kit.stores
  const links = accountLinks(kit, challenges, settings.audience)
  const { onFault } = kit
  const parts: ResetParts = { ...password, onFault, challenges, credentials, links, mailTo, reset: settings }
  return {
    forgot: (input, context = {}) => forgot(parts, input, context),
    peekReset: (input) => peekReset(parts, input),
    reset: (input, context = {}) => reset(parts, input, context),
  }
}

/** An account as a link finds it, and what of it must not change until the link is used. */
export interface ResetAccount {
  readonly user: User | undefined
  readonly stored: Credential | undefined
  readonly state: readonly (string | number | null)[]
}

/**
 * Looks; the same three reads for everybody. Of a verified account everything counts that ends its sessions, and the password itself. Of one that
 * nobody verified nothing does but that it still is: whoever squats there could end its owner's links for ever.
 */
export async function lookAt(
  { passwords, sessions, users }: ResetParts,
  userId: string,
): Promise<ResetAccount> {
  const { epoch } = await sessions.begin(userId)
  const user = await users.find(userId)
  const stored = await passwords.find(userId)
  const counts = user === undefined || isVerified(user)
  const state = counts ? [epoch, stored?.revision ?? null, stored?.changedAt ?? null] : ["unverified"]
  return { user, stored, state }
}
