import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import { ConfigError } from "../../errors.js"
import type { Rate } from "../../limits/rate-limit.js"
import type { Outcome } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { Stores, User } from "../../stores/ports.js"
import type { FlowKit } from "../flow.js"
import type { GrantedToken } from "./access-token.js"
import { callback } from "./callback.js"
import { claim } from "./claim.js"
import { confirm } from "./confirm.js"
import { type Identities, type IdentityView, identities } from "./identities.js"
import type { TokenKeeping } from "./kept-tokens.js"
import { type PendingIdentities, type PendingView, pendingIdentities } from "./pending.js"
import type { ConnectedProvider, Profile, Provider } from "./provider.js"
import type { PendingRefusal } from "./refusals.js"
import { start, startLink } from "./start.js"
import { type Transactions, transactions } from "./transaction.js"
import { unlink } from "./unlink.js"

/** The slots that signing in through providers takes. */
export type OAuthSlots = "users" | "credentials" | "challenges" | "rateLimits"

/** The flow with every option decided; `oauth()` fills the defaults. */
export interface OAuthSettings {
  readonly providers: ReadonlyMap<string, Provider & ConnectedProvider>
  /** Whether somebody whom nobody knows yet gets an account. */
  readonly mayCreate: (profile: Profile, provider: string) => Promise<boolean> | boolean
  readonly onEmailMatch: "prove" | "link" | "refuse"
  readonly requireVerifiedEmail: boolean
  readonly fresh: Seconds
  readonly startRate: Rate
  readonly tokens: TokenKeeping | undefined
  readonly redirectUri: (provider: string) => string
}

/** Begins an attempt. */
export interface StartInput {
  readonly provider: string
  /** The browser's binding, if it has one from another tab: both attempts then live side by side. */
  readonly binding?: string | undefined
  /** Where to go afterwards. Whoever follows it must check that it is on the own origin. */
  readonly returnTo?: string | undefined
}

/** Comes back from a provider. */
export interface CallbackInput {
  readonly provider: string
  /** Query or form, as it came. */
  readonly parameters: URLSearchParams
  readonly binding: string | undefined
}

/** What a visitor came back with, and where they wanted to go. */
export type Arrival =
  | {
      readonly ok: true
      readonly purpose: "sign_in"
      readonly user: User
      readonly session: OpenedSession<object>
      readonly returnTo: string | undefined
    }
  | { readonly ok: true; readonly purpose: "link"; readonly returnTo: string | undefined }
  | (PendingRefusal & { readonly purpose: "sign_in" | "link"; readonly returnTo: string | undefined })

/** Whoever holds the secret of what waits. */
export interface PendingInput {
  readonly pending: string | undefined
}

/** The steps of the flow, for the routes and for callers without HTTP. */
export interface OAuthSteps {
  /** Names and labels, in the host's order, for buttons. */
  readonly providers: readonly { readonly name: string; readonly label: string }[]
  /**
   * First half: the address to send the browser to, and the binding that it must hold meanwhile, for ten minutes.
   * Refusals: `not_found` (no such provider), `rate_limited`, `oauth_unavailable`.
   */
  start(input: StartInput, context?: Context): Promise<Outcome<{ url: string; binding: string }>>
  /** The same to add an identity to the account that is signed in. Refusals: also `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`. */
  startLink(input: StartInput, context: Context): Promise<Outcome<{ url: string; binding: string }>>
  /**
   * Second half: takes the attempt, exchanges the code, checks who came, and opens a session or links. Of parallel calls with one state, one
   * gets past the first step. Refusals: `oauth_state_mismatch`, `oauth_denied`, `oauth_failed`, `oauth_unavailable`, `oauth_email_missing`,
   * `oauth_email_unverified`, `oauth_account_exists`, `oauth_link_required` (with the secret of what waits), `registration_closed`, `identity_taken`, `not_found`.
   */
  callback(input: CallbackInput, context?: Context): Promise<Arrival>
  /** The identity that waits to be linked, after `oauth_link_required`; undefined if there is none. */
  pending(input: PendingInput): Promise<PendingView | undefined>
  /** Forgets it. */
  cancel(input: PendingInput): Promise<void>
  /**
   * Links it to the account that has its e-mail address, whose owner has just signed in by other means. Refusals: `not_signed_in`,
   * `reauthentication_required`, `insufficient_user_authentication`, `oauth_link_required` (signed in to another account), `not_found`, `identity_taken`,
   * `conflict`.
   */
  confirm(input: PendingInput, context: Context): Promise<Outcome<{ returnTo: string | undefined }>>
  /**
   * Takes over an account whose e-mail address nobody ever verified, by an identity whose address is verified: everything that let somebody in
   * before is removed (password, identities, factors, sessions). Refusals: `not_found`, `oauth_link_required` (was verified after all, or somebody is signed in), `identity_taken`,
   * `conflict`, `mfa_required`, `forbidden` (a realm's rule).
   */
  claim(
    input: PendingInput,
    context?: Context,
  ): Promise<Outcome<{ user: User; session: OpenedSession<object>; returnTo: string | undefined }>>
  /** The user's identities, oldest first. */
  identities(userId: string): Promise<readonly IdentityView[]>
  /**
   * Removes an identity of the signed-in user, ends all other sessions and rotates this one. The last way in stays: of parallel calls that together would
   * remove all, one is refused. Refusals: `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`, `not_found`, `last_way_in`.
   */
  unlink(
    input: { readonly identity: string },
    context: Context,
  ): Promise<Outcome<{ session: OpenedSession<object> }>>
  /**
   * A token for the provider's API, refreshed if it is about to end: of any number of parallel callers, in any process, one asks the provider.
   * Refusals: `not_found` (no such identity, or no tokens), `reauthentication_required` (it ended, and cannot be refreshed).
   * @throws ProviderError if the provider does not answer; ConfigError where tokens are not kept
   */
  accessToken(userId: string, provider: string): Promise<GrantedToken>
}

/** What the steps share, made once per realm. */
export interface OAuthParts
  extends Pick<FlowKit<OAuthSlots>, "clock" | "emit" | "secondFactor" | "opens" | "realm" | "sessions"> {
  readonly settings: OAuthSettings
  readonly users: Stores["users"]
  readonly credentials: Stores["credentials"]
  readonly challenges: Stores["challenges"]
  readonly rateLimits: Stores["rateLimits"]
  readonly identities: Identities
  readonly transactions: Transactions
  readonly pending: PendingIdentities
}

/** Builds the steps over the realm's kit. */
export function oauthSteps(kit: FlowKit<OAuthSlots>, settings: OAuthSettings): OAuthSteps {
  const { clock, realm, secrets } = kit
  const { challenges, credentials, users } = kit.stores
  const keeper = settings.tokens?.keeper(secrets)
  const parts: OAuthParts = {
    ...kit.stores,
    ...kit,
    settings,
    identities: identities(credentials, clock, keeper),
    transactions: transactions(challenges, clock, realm),
    pending: pendingIdentities(challenges, clock, realm, keeper),
  }
  return {
    providers: [...settings.providers.values()].map(({ label, name }) => Object.freeze({ name, label })),
    start: (input, context = {}) => start(parts, input, context),
    startLink: (input, context) => startLink(parts, input, context),
    callback: (input, context = {}) => callback(parts, input, context),
    async pending({ pending }) {
      const waiting = await parts.pending.find(pending)
      return waiting && parts.pending.view(waiting, await users.find(waiting.userId))
    },
    cancel: async ({ pending }) => void (await parts.pending.take(pending)),
    confirm: (input, context) => confirm(parts, input, context),
    claim: (input, context = {}) => claim(parts, input, context),
    async identities(userId) {
      const all = await parts.identities.listByUser(userId)
      return all.map(parts.identities.view).sort((one, other) => one.linkedAt - other.linkedAt)
    },
    unlink: (input, context) => unlink(parts, input, context),
    async accessToken(userId, provider) {
      if (keeper) return keeper.accessToken(parts, userId, provider)
      throw new ConfigError(
        "ERR_CONFIG_PROVIDER",
        "Tokens are not kept. Write oauth({ tokens: encryptedTokens() }).",
      )
    },
  }
}
