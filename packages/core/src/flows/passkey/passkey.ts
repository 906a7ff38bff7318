import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { Rate } from "../../limits/rate-limit.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { Credential, Stores, User } from "../../stores/ports.js"
import type { AccountMailer } from "../account-mailer.js"
import type { FlowKit } from "../flow.js"
import { type PasskeyChallenges, passkeyChallenges } from "./challenges.js"
import { passkeyName } from "./name.js"
import type { CreationOptions, RequestOptions } from "./options.js"
import { register, registrationOptions } from "./register.js"
import type { RelyingParty, UserVerification } from "./relying-party.js"
import { remove } from "./remove.js"
import { signIn, signInOptions } from "./sign-in.js"
import {
  type Passkeys,
  type PasskeyUse,
  type PasskeyView,
  passkeyIn,
  passkeysIn,
  viewOf,
} from "./stored-passkey.js"

/** The slots that passkeys take. */
export type PasskeySlots = "users" | "credentials" | "challenges" | "rateLimits"

/** The flow with every option decided; `passkeys()` fills the defaults. */
export interface PasskeySettings {
  readonly rp: RelyingParty
  readonly rpName: string
  readonly userName: (user: User) => string
  readonly userVerification: UserVerification
  /** Whether keys may be registered that are a second factor alone. */
  readonly securityKeys: boolean
  readonly fresh: Seconds
  readonly rates: { readonly options: Rate; readonly attempts: Rate }
}

/** A new passkey, as `navigator.credentials.create` brought it. */
export interface RegisterInput {
  /** `PublicKeyCredential.toJSON()`. Whatever it is, it is not believed. */
  readonly response: unknown
  /** What its owner calls it; at most 64 characters are kept. Default "Passkey". */
  readonly name?: string | undefined
}

/** The use of a passkey, as `navigator.credentials.get` brought it. */
export interface SignInInput {
  /** `PublicKeyCredential.toJSON()`. Whatever it is, it is not believed. */
  readonly response: unknown
  /** What the browser holds since it asked, see {@link PasskeySteps.signInOptions}. */
  readonly browser: string | undefined
}

/** A new passkey, and the session that made it. */
export interface PasskeyRegistration {
  readonly passkey: PasskeyView
  readonly session: OpenedSession<object>
}

/** The steps of the flow, for the routes and for callers without HTTP. */
export interface PasskeySteps {
  /**
   * What a browser makes a passkey of. `use: "second_factor"` for a key that signs nobody in by itself, where the host has those (`securityKeys`).
   * Refusals: `rate_limited`, `invalid_request`, `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`,
   * `too_many_passkeys` (20).
   */
  registrationOptions(
    input: { readonly use?: PasskeyUse | undefined },
    context: Context,
  ): Promise<Outcome<{ options: CreationOptions }>>
  /**
   * Keeps a new passkey, ends all other sessions and rotates this one, which has shown that key from then on. The challenge is used up, whatever comes of it. Refusals: as above, `passkey_invalid`,
   * `conflict` (everything was revoked meanwhile).
   */
  register(input: RegisterInput, context: Context): Promise<Outcome<PasskeyRegistration>>
  /** The user's passkeys, oldest first. */
  passkeys(userId: string): Promise<readonly PasskeyView[]>
  /** Refusals: `not_signed_in`, `not_found`. */
  rename(input: { readonly passkey: string; readonly name: string }, context: Context): Promise<Outcome>
  /**
   * Removes a passkey of the signed-in user, ends all other sessions and rotates this one. The last way in stays: of parallel calls that together would remove all,
   * one is refused. Refusals: `not_signed_in`, `reauthentication_required`, `insufficient_user_authentication`, `not_found`, `last_way_in`.
   */
  remove(
    input: { readonly passkey: string },
    context: Context,
  ): Promise<Outcome<{ session: OpenedSession<object> }>>
  /**
   * What a browser asks an authenticator for: the same for every visitor. `browser` must be held by it, and opens nothing: 22 characters, none of
   * which a cookie would have to quote. Refusal: `rate_limited`.
   */
  signInOptions(
    input: { readonly browser?: string | undefined },
    context?: Context,
  ): Promise<Outcome<{ options: RequestOptions; browser: string }>>
  /**
   * Signs in by a passkey. Of parallel calls with one answer one gets in. Refusals: `rate_limited`, `passkey_invalid` (the event has the cause),
   * `forbidden` (disabled, or the realm's rule), `conflict`, `mfa_required` (only where the authenticator has not made sure of its user).
   */
  signIn(
    input: SignInInput,
    context?: Context,
  ): Promise<Outcome<{ user: User; session: OpenedSession<object> }>>
}

/** What the steps share, made once per realm. */
export interface PasskeyParts
  extends Pick<
    FlowKit<PasskeySlots>,
    "clock" | "emit" | "secondFactor" | "opens" | "realm" | "secrets" | "sessions"
  > {
  readonly settings: PasskeySettings
  readonly users: Stores["users"]
  readonly credentials: Stores["credentials"]
  readonly rateLimits: Stores["rateLimits"]
  readonly challenges: Stores["challenges"]
  /** What was asked of authenticators and not answered yet. */
  readonly pending: PasskeyChallenges
  readonly passkeys: Passkeys
  readonly mailTo: AccountMailer | undefined
}

/** Builds the steps over the realm's kit. */
export function passkeySteps(
  kit: FlowKit<PasskeySlots>,
  settings: PasskeySettings,
  mailTo: AccountMailer | undefined,
): PasskeySteps {
  const { clock, realm, sessions } = kit
  const { credentials } = kit.stores
  const passkeys = passkeysIn(credentials, clock)
  const parts: PasskeyParts = {
    ...kit.stores,
    ...kit,
    settings,
    pending: passkeyChallenges(kit.stores.challenges, clock, realm),
    passkeys,
    mailTo,
  }
  return {
    registrationOptions: (input, context) => registrationOptions(parts, input, context),
    register: (input, context) => register(parts, input, context),
    passkeys: async (userId) => (await passkeys.listByUser(userId)).map(viewOf),
    async rename({ name, passkey }, { request, token }) {
      const principal = await sessions.read(token, request)
      if (!principal) return refuse("not_signed_in")
      const renamed = await passkeys.rename(principal.userId, passkey, passkeyName(name))
      return renamed ? { ok: true } : refuse("not_found")
    },
    remove: (input, context) => remove(parts, input, context),
    signInOptions: (input, context = {}) => signInOptions(parts, input, context),
    signIn: (input, context = {}) => signIn(parts, input, context),
  }
}

/** Whether one can sign in by this credential: it was made for it, and can do what is asked. */
export function signsIn(
  credential: Credential,
  { userVerification }: Pick<PasskeySettings, "userVerification">,
): boolean {
  const stored = passkeyIn(credential)?.stored
  return stored?.use === "sign_in" && (userVerification === "preferred" || stored.userVerified)
}
