import type { EpochMs, Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { Rate } from "../../limits/rate-limit.js"
import type { Outcome } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { Stores, User } from "../../stores/ports.js"
import type { AccountMailer } from "../account-mailer.js"
import type { FlowKit } from "../flow.js"
import { type AccountLinks, accountLinks } from "../signed-link.js"
import { confirmChange, requestChange } from "./change.js"
import { peek } from "./peek.js"
import { undoChange } from "./undo.js"
import { requestVerification, verify } from "./verification.js"

/** The slots that this takes. Credentials are looked at where the host has them. */
export type EmailSlots = "users" | "challenges" | "rateLimits"

/** What a link of this flow does. */
export type EmailAction = "verify-email" | "confirm-email" | "undo-email"

/** The flow with every option decided; `emailAddress()` fills the defaults. */
export interface EmailSettings {
  /** The host's origin, which every link names. */
  readonly audience: string
  /** Where each link leads, without its query. */
  readonly urls: Readonly<Record<EmailAction, string>>
  readonly lifetimesMs: Readonly<Record<EmailAction, number>>
  /** How long ago whoever asks for a change may have proven who they are. */
  readonly fresh: Seconds
  readonly rates: {
    /** Mails that one network asks for. */
    readonly network: Rate
    /** Mails about one account. */
    readonly user: Rate
    /** Mails to one address that is to become an account's. */
    readonly address: Rate
  }
}

/** A link out of a mail. */
export interface EmailLinkInput {
  readonly token: string | undefined
}

/** What a page says of a link before it is used. */
export interface EmailLinkView {
  /** The address that is proven by using it; an undo brings it back. */
  readonly email: string
  readonly user: User
  readonly expiresAt: EpochMs
  /** Whether this browser is signed in to the account. */
  readonly own: boolean
  /** Whether there is nothing left to do: the account's address is this one, and proven. Only of `verify-email`. */
  readonly done: boolean
}

/** The steps of the flow, for the routes and for callers without HTTP. */
export interface EmailSteps {
  /**
   * Mails a link to the user's own address, unless that is proven already (`mailed: false`). Whoever calls it must know that the user wants it: they are
   * signed in, or have just registered. Refusals: `not_found`, `forbidden` (disabled), `rate_limited`.
   */
  requestVerification(
    input: { readonly userId: string },
    context?: Context,
  ): Promise<Outcome<{ mailed: boolean }>>
  /**
   * Uses that link: the address is proven. Opens no session. One of N parallel callers. Refusals: `link_invalid`, `link_expired` (also: the
   * account has another address by now), `link_used` (also: it is proven already), `forbidden`.
   */
  verify(input: EmailLinkInput, context?: Context): Promise<Outcome<{ user: User }>>
  /**
   * First half of a change: mails a link to the new address, if nobody has it. Answer and counters are the same if somebody does. Nothing is
   * stored; a new link does not end an older one. Refusals: `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`,
   * `invalid_email`, `email_unchanged`, `rate_limited`.
   */
  requestChange(input: { readonly email: string }, context: Context): Promise<Outcome>
  /**
   * Second half, in a browser that is signed in to the account: the new address is the account's, and proven. All other sessions end, the one that asks
   * gets a new token, and every other link to the account dies. One of N parallel callers. Refusals: `link_invalid`, `link_expired` (also: the address was changed or
   * everything was revoked since), `link_used`, `not_signed_in` (also: as somebody else), `forbidden`, `email_taken` (its reader has it under another account).
   */
  confirmChange(input: EmailLinkInput, context: Context): Promise<Outcome<{ session: OpenedSession<object> }>>
  /**
   * Takes a change back, whatever else was changed since: the old address is the account's again and proven, all sessions end, the password goes, and so does
   * every credential that was added since. Opens no session. One of N parallel callers; one that broke off can be repeated. Refusals: `link_invalid`,
   * `link_expired` (also: it, or an earlier change, was taken back by another link), `link_used`, `email_taken` (nothing is used up).
   */
  undoChange(input: EmailLinkInput, context?: Context): Promise<Outcome<{ user: User }>>
  /** What a link is, without using it: for a page. Refusals: those of its step. */
  peek(action: EmailAction, input: EmailLinkInput, context?: Context): Promise<Outcome<EmailLinkView>>
}

/** What the steps share, made once per realm. */
export interface EmailParts
  extends Pick<
    FlowKit<EmailSlots>,
    "clock" | "emit" | "secondFactor" | "onFault" | "realm" | "secrets" | "sessions"
  > {
  readonly settings: EmailSettings
  readonly users: Stores["users"]
  readonly credentials?: Stores["credentials"]
  readonly challenges: Stores["challenges"]
  readonly rateLimits: Stores["rateLimits"]
  readonly links: AccountLinks
  readonly mailTo: AccountMailer
}

/** Builds the steps over the realm's kit. */
export function emailSteps(
  kit: FlowKit<EmailSlots>,
  settings: EmailSettings,
  mailTo: AccountMailer,
): EmailSteps {
  const links = accountLinks(kit, kit.stores.challenges, settings.audience)
  const parts: EmailParts = { ...kit.stores, ...kit, settings, links, mailTo }
  return {
    requestVerification: (input, context = {}) => requestVerification(parts, input, context),
    verify: (input, context = {}) => verify(parts, input, context),
    requestChange: (input, context) => requestChange(parts, input, context),
    confirmChange: (input, context) => confirmChange(parts, input, context),
    undoChange: (input, context = {}) => undoChange(parts, input, context),
    peek: (action, input, context = {}) => peek(parts, action, input, context),
  }
}
