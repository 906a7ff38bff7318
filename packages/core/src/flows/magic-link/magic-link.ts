import type { EpochMs } from "../../clock.js"
import type { Context } from "../../context.js"
import { isDigestOf } from "../../crypto/secret-ring.js"
import type { Rate } from "../../limits/rate-limit.js"
import type { SendMagicLink } from "../../mail/magic-link-mail.js"
import type { Outcome } from "../../outcome.js"
import type { OpenedSession, SignInTicket } from "../../sessions/session.js"
import type { Json, Stores, User } from "../../stores/ports.js"
import type { FlowKit } from "../flow.js"
import { type AskingBrowsers, askingBrowsers } from "./asking-browser.js"
import { confirm, confirmCode, peek } from "./confirm.js"
import { type LinkClaims, type LinkTokens, linkTokens } from "./link-token.js"
import { start } from "./start.js"

/** The slots that signing in by mail takes. Credentials are looked at where the host has them. */
export type MagicLinkSlots = "users" | "challenges" | "rateLimits"

/** Somebody whom nobody knows yet, and who has just proven to read mail at this address. */
export interface Candidate<L extends string = string, M = unknown> {
  readonly email: string
  readonly locale: L
  /** What the host put into the link for whoever asked for it. */
  readonly metadata: M
  /** Whether the browser is here that asked. If not, locale and metadata may be somebody else's than the mailbox's owner's. */
  readonly asked: boolean
}

/** The flow with every option decided; `magicLink()` fills the defaults. */
export interface MagicLinkSettings {
  readonly send: SendMagicLink<string, Json | undefined>
  /** The host's origin, which every link names. */
  readonly audience: string
  /** The address of the confirmation, without its query. */
  readonly confirmUrl: string
  readonly lifetimeMs: number
  /** The languages of the host, the default first. */
  readonly locales: readonly [string, ...string[]]
  /** Digits of a code; undefined for none. */
  readonly digits: number | undefined
  readonly admit: (candidate: Candidate<string, Json | undefined>) => Promise<boolean> | boolean
  readonly rates: {
    readonly network: Rate
    readonly address: Rate
    readonly mailbox: Rate
    readonly codes: Rate
  }
}

/** Asks for a link. */
export type StartLinkInput<L extends string = string, M = unknown> = LinkWish<L> & MetadataInput<M>

/** The host's own, into the link and the mail. At most 1 KiB as JSON. */
type MetadataInput<M> = undefined extends M ? { readonly metadata?: M | undefined } : { readonly metadata: M }

/** Who wants a link, in which language, and for where. */
export interface LinkWish<L extends string> {
  readonly email: string
  readonly locale: L
  /** Where to go afterwards: a path. Whoever follows it must check that it is on the own origin. */
  readonly returnTo?: string | undefined
  /** What this browser holds from an earlier attempt, if anything: the links of both then take one click. */
  readonly browser?: string | undefined
}

/** What the browser must hold that asked. */
export interface StartedLink {
  /** Says that it is this browser: at most 77 characters, none of which a cookie would have to quote. Opens nothing by itself. */
  readonly browser: string
  /** The half of the code that is not in the mail; undefined without codes. */
  readonly attempt: string | undefined
}

/** Somebody opens a link. */
export interface ConfirmLinkInput {
  readonly token: string | undefined
  /** What this browser holds, see {@link StartedLink.browser}: the return path is followed only where it was asked for. */
  readonly browser?: string | undefined
  /** Whether the owner agrees to take over an account that was never verified: whatever let anybody in before is removed. Default false. */
  readonly claim?: boolean | undefined
}

/** Somebody types a code. */
export interface ConfirmCodeInput {
  readonly code: string
  /** See {@link StartedLink.attempt}. */
  readonly attempt: string | undefined
  readonly claim?: boolean | undefined
}

/** Who came in, and where they wanted to go. */
export interface ArrivedByLink<L extends string = string> {
  readonly user: User
  readonly session: OpenedSession<object>
  readonly locale: L
  readonly returnTo: string | undefined
}

/** What a page says of a link before it is used. */
export interface LinkView<L extends string = string> {
  readonly email: string
  readonly locale: L
  readonly expiresAt: EpochMs
  /** Whether this browser asked for it. */
  readonly asked: boolean
  /** Whether the owner must agree to take the account over first, see {@link ConfirmLinkInput.claim}. */
  readonly claimRequired: boolean
}

/** The steps of the flow, for the routes and for callers without HTTP. */
export interface MagicLinkSteps<L extends string = string, M = unknown> {
  /**
   * First half: sends a link, and a code if the host wants codes. Does and answers the same whether or not somebody has the address; stores nothing about
   * them but counters under keyed digests. The mail is handed over after the answer, see {@link Context.waitUntil}; should that fail, `onFault` hears it.
   * Refusals: `rate_limited`, `invalid_email`, `invalid_request` (a language that the host does not have, more metadata than a link carries).
   */
  start(input: StartLinkInput<L, M>, context?: Context): Promise<Outcome<StartedLink>>
  /** What a link is, without using it: for a page. Refusals: `link_invalid`, `link_expired`, `link_used`, `forbidden`. */
  peek(input: {
    readonly token: string | undefined
    readonly browser?: string | undefined
  }): Promise<Outcome<LinkView<L>>>
  /**
   * Second half: uses the link, makes the user if nobody has the address, and opens a session. Of parallel calls with one link exactly one gets in; of
   * parallel links to one new address exactly one makes the user. Refusals: as `peek`, and `link_claim_required` (nothing was used), `registration_closed`.
   */
  confirm(input: ConfirmLinkInput, context?: Context): Promise<Outcome<ArrivedByLink<L>>>
  /**
   * The same by the code, in the browser that asked. Five tries per mail, counted before they are looked at. Uses up the link of the same mail.
   * Refusals: `code_invalid`, `code_expired`, `code_exhausted`, `link_claim_required`, `forbidden`, `registration_closed`, `rate_limited`, `not_found` (the host has no codes).
   */
  confirmCode(input: ConfirmCodeInput, context?: Context): Promise<Outcome<ArrivedByLink<L>>>
}

/** What the steps share, made once per realm. */
export interface MagicLinkParts
  extends Pick<FlowKit<MagicLinkSlots>, "clock" | "emit" | "onFault" | "realm" | "secrets" | "sessions"> {
  readonly settings: MagicLinkSettings
  readonly users: Stores["users"]
  readonly credentials?: Stores["credentials"]
  readonly challenges: Stores["challenges"]
  readonly rateLimits: Stores["rateLimits"]
  readonly tokens: LinkTokens
  readonly browsers: AskingBrowsers
}

/** Builds the steps over the realm's kit. */
export function magicLinkSteps(
  kit: FlowKit<MagicLinkSlots>,
  settings: MagicLinkSettings,
): MagicLinkSteps<string, Json | undefined> {
  const { clock, realm, secrets } = kit
  const { audience } = settings
  const parts: MagicLinkParts = {
    ...kit.stores,
    ...kit,
    settings,
    tokens: linkTokens(secrets, clock, { audience, locales: settings.locales, realm }),
    browsers: askingBrowsers(secrets, clock, settings.lifetimeMs),
  }
  return {
    start: (input, context = {}) => start(parts, input, context),
    peek: (input) => peek(parts, input),
    confirm: (input, context = {}) => confirm(parts, input, context),
    confirmCode: (input, context = {}) => confirmCode(parts, input, context),
  }
}

/** What a link remembers of whoever had its address when it was asked for. */
export function epochText(
  { id }: Pick<LinkClaims, "id">,
  user: User | undefined,
  ticket: SignInTicket,
): string {
  return `${id} ${user?.id ?? "-"} ${ticket.epoch}`
}

/**
 * Whether nothing of the user's was revoked since the link was asked for. Nobody had the address then, or the same user: if that account is gone
 * the link is, too, and neither makes a new one nor opens somebody else's.
 */
export function isSameEpoch(
  { secrets }: MagicLinkParts,
  claims: LinkClaims,
  user: User | undefined,
  ticket: SignInTicket,
): boolean {
  return [user, undefined].some((then) =>
    isDigestOf(secrets, "magic-link-epoch", epochText(claims, then, ticket), claims.epoch),
  )
}
