import type { Context } from "../../context.js"
import type { PasswordHasher, PasswordVerifier } from "../../hashing/hasher.js"
import { type BackOff, type BackOffCurve, backOff } from "../../limits/back-off.js"
import type { Rate } from "../../limits/rate-limit.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { Stores, User } from "../../stores/ports.js"
import type { FlowKit } from "../flow.js"
import type { AccountNames, NameField } from "./account-names.js"
import { change, set } from "./change.js"
import type { TriesOfDevice } from "./device-tries.js"
import type { InTurn } from "./in-turn.js"
import { normalizePassword, type PasswordPolicy } from "./policy.js"
import { register } from "./register.js"
import { signIn } from "./sign-in.js"
import { type StoredPasswords, storedPasswords } from "./stored-password.js"

/** The slots that signing in with a password takes. */
export type PasswordSlots = "users" | "credentials" | "rateLimits"

/** What a visitor types in to register. */
export interface EmailAndPassword {
  readonly email: string
  readonly password: string
}

/** What a visitor types in to sign in: `{ email, password }`, or `{ username, password }` where the host's users have names. */
export type NameAndPassword<Field extends NameField = NameField> = Field extends NameField
  ? { readonly [Name in Field | "password"]: string }
  : never

/** What a signed-in user types in to change the password. */
export interface PasswordChange {
  readonly current: string
  readonly next: string
}

/** Somebody has signed in. */
export interface PasswordSignIn {
  readonly user: User
  readonly session: OpenedSession<object>
  /** `Set-Cookie` values for the browser; none without `knownDevices`. */
  readonly setCookie: readonly string[]
}

/** The flow with every option decided; `password()` fills the defaults. */
export interface PasswordSettings extends AccountNames {
  readonly hasher: PasswordHasher
  readonly verifiers: readonly PasswordVerifier[]
  readonly policy: PasswordPolicy
  readonly registration: "private" | "immediate" | "closed"
  readonly requireVerifiedEmail: boolean
  readonly limits: {
    readonly account: BackOffCurve
    readonly address: BackOffCurve
    readonly registrations: Rate
  }
}

/** The steps of the flow, for the routes and for callers without HTTP. */
export interface PasswordSteps<Field extends NameField = "email"> {
  /**
   * Creates an account. With `registration: "private"` (default) the answer is the same whether the address was free or taken, and no
   * session opens; with `"immediate"` the visitor is signed in at once, and `email_taken` tells who has an account.
   * Of parallel callers with one address exactly one creates the account.
   * Refusals: `rate_limited`, `registration_closed`, `invalid_email`, `email_taken`, and the policy's `password_…`.
   */
  register(
    input: EmailAndPassword,
    context?: Context,
  ): Promise<Outcome<{ session: OpenedSession<object> | undefined }>>
  /**
   * Signs in. Refusals: `rate_limited` (this address tries too often) and `invalid_credentials` (everything else).
   */
  signIn(input: NameAndPassword<Field>, context?: Context): Promise<Outcome<PasswordSignIn>>
  /**
   * Changes the password of the signed-in user (`context.token`), who proves the current one. All other sessions end, and so does every
   * sign-in under way with the old password; the session that asked gets a new token.
   * Refusals: `not_signed_in`, `rate_limited`, `wrong_password`, `password_unchanged`, `conflict`, the policy's `password_…`.
   */
  change(input: PasswordChange, context: Context): Promise<Outcome<{ session: OpenedSession<object> }>>
  /** Sets a password without asking for the old one, and ends all sessions: for administration and for flows that proved the owner otherwise. */
  set(userId: string, password: string, context?: Context): Promise<Outcome>
}

/** What the steps share, made once per realm. */
export interface PasswordParts
  extends PasswordSettings,
    Pick<FlowKit<PasswordSlots>, "clock" | "emit" | "realm" | "secrets" | "sessions"> {
  readonly users: Stores["users"]
  readonly rateLimits: Stores["rateLimits"]
  readonly passwords: StoredPasswords
  readonly byAccount: BackOff
  readonly byAddress: BackOff
  /** Tells devices apart that have signed in before; undefined where the host does not want that. */
  readonly devices?: TriesOfDevice | undefined
  /** Where a link may replace a password too, has a change wait for it; given by `resetByMail()`. */
  readonly inTurn?: InTurn | undefined
  /** The new password's hash, if the policy takes it. */
  hashed(typed: string, email: string): Promise<Outcome<{ secret: string }>>
  /** Reports a throttle and refuses. */
  limited(context: Context, limit: string, retryAfter: number): Promise<Refusal>
}

/** Builds the steps over what they share. */
export function passwordSteps(parts: PasswordParts): PasswordSteps<NameField> {
  return {
    register: (input, context = {}) => register(parts, input, context),
    signIn: (input, context = {}) => signIn(parts, input, context),
    change: (input, context) => change(parts, input, context),
    set: (userId, password, context = {}) => set(parts, userId, password, context),
  }
}

/** Makes what the steps share, over the realm's kit. */
export function passwordParts(kit: FlowKit<PasswordSlots>, settings: PasswordSettings): PasswordParts {
  const { clock, emit } = kit
  const { credentials, rateLimits } = kit.stores
  const { hasher, limits, policy, verifiers } = settings

  async function hashed(typed: string, email: string): Promise<Outcome<{ secret: string }>> {
    const password = normalizePassword(typed)
    if (password === undefined) return refuse("password_too_long")
    const reason = await policy.check(password, { email })
    return reason ? refuse(reason) : { ok: true, secret: await hasher.hash(password) }
  }

  async function limited(context: Context, limit: string, retryAfter: number): Promise<Refusal> {
    await emit(context, { type: "limit.hit", limit, retryAfter })
    return refuse("rate_limited", { retryAfter })
  }

  return {
    ...settings,
    ...kit.stores,
    ...kit,
    passwords: storedPasswords(credentials, clock, hasher, verifiers),
    byAccount: backOff(rateLimits, clock, limits.account),
    byAddress: backOff(rateLimits, clock, limits.address),
    hashed,
    limited,
  }
}
