import type { EpochMs, Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { Rate } from "../../limits/rate-limit.js"
import type { Outcome } from "../../outcome.js"
import type { Stores, User } from "../../stores/ports.js"
import type { AccountMailer } from "../account-mailer.js"
import type { FlowKit } from "../flow.js"
import { type AccountLinks, accountLinks } from "../signed-link.js"
import { deactivate } from "./deactivate.js"
import { peek, reactivate } from "./reactivate.js"

/** The slots that deactivating takes. */
export type DeactivationSlots = "users" | "challenges" | "rateLimits"

/** The flow with every option decided; `deactivation()` fills the defaults. */
export interface DeactivationSettings {
  /** The host's origin, which every link names. */
  readonly audience: string
  /** Where the link leads, without its query. */
  readonly url: string
  readonly lifetimeMs: number
  /** How long ago whoever deactivates their account may have proven who they are. */
  readonly fresh: Seconds
  /** Links that were refused, and are told, per network. */
  readonly refusals: Rate
}

/** The steps of the flow, for the routes and for callers without HTTP. */
export interface DeactivationSteps {
  /**
   * Disables the account of the signed-in user: every session ends, every sign-in under way fails, and a mail has the link that reactivates it.
   * Refusals: `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`.
   */
  deactivate(context: Context): Promise<Outcome>
  /** What a link is, without using it: for a page. Refusals: those of `reactivate`. */
  peek(input: ReactivationInput): Promise<Outcome<ReactivationView>>
  /**
   * Enables the account again. Opens no session. One of N parallel callers. Refusals: `link_invalid`, `link_expired` (also: an administrator has disabled
   * or enabled the account since), `link_used`.
   */
  reactivate(input: ReactivationInput, context?: Context): Promise<Outcome<{ user: User }>>
}

/** A link out of a mail. */
export interface ReactivationInput {
  readonly token: string | undefined
}

/** What a page says of a link before it is used. */
export interface ReactivationView {
  readonly user: User
  readonly expiresAt: EpochMs
}

/** What the steps share, made once per realm. */
export interface DeactivationParts
  extends Pick<
    FlowKit<DeactivationSlots>,
    "clock" | "emit" | "secondFactor" | "realm" | "secrets" | "sessions"
  > {
  readonly settings: DeactivationSettings
  readonly users: Stores["users"]
  readonly challenges: Stores["challenges"]
  readonly rateLimits: Stores["rateLimits"]
  readonly links: AccountLinks
  readonly mailTo: AccountMailer
}

/** Builds the steps over the realm's kit. */
export function deactivationSteps(
  kit: FlowKit<DeactivationSlots>,
  settings: DeactivationSettings,
  mailTo: AccountMailer,
): DeactivationSteps {
  const links = accountLinks(kit, kit.stores.challenges, settings.audience)
  const parts: DeactivationParts = { ...kit.stores, ...kit, settings, links, mailTo }
  return {
    deactivate: (context) => deactivate(parts, context),
    peek: (input) => peek(parts, input),
    reactivate: (input, context = {}) => reactivate(parts, input, context),
  }
}
