import type { Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import { createSeal, type Seal } from "../../crypto/seal.js"
import type { FactorKind } from "../../events.js"
import { type BackOff, backOff } from "../../limits/back-off.js"
import type { Outcome } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { Credential, Stores, User } from "../../stores/ports.js"
import type { AccountMailer } from "../account-mailer.js"
import type { Factor, FactorAnswer } from "../factor.js"
import type { FlowKit, SecondFactorLoss } from "../flow.js"
import { begin } from "./begin.js"
import { viewOf } from "./challenge-view.js"
import { type Challenge, type Challenges, challengeRecords } from "./challenges.js"
import { confirmEnrolment, enrol } from "./enrol.js"
import { type EnrolmentRecords, enrolmentRecords } from "./enrolments.js"
import { factorsOf } from "./factor-views.js"
import type { RecoveryCodes } from "./recovery-codes.js"
import { type RememberedDevices, rememberedDevices } from "./remembered-devices.js"
import { removeFactor } from "./remove.js"
import { replaceRecoveryCodes } from "./replace-recovery-codes.js"
import { stepUp } from "./step-up.js"
import { verify } from "./verify.js"

/** The slots that asking for a second factor takes. */
export type MfaSlots = "users" | "credentials" | "challenges" | "rateLimits"

/** The flow with every option decided; `mfa()` fills the defaults. */
export interface MfaSettings {
  /** Whether a user must have a second factor. */
  readonly required: (user: User) => boolean | Promise<boolean>
  /** How long a sign-in waits for its second factor. */
  readonly lifetimeMs: number
  /** How long a browser is remembered whose user wants that; 0: never. */
  readonly rememberMs: number
  /** How long ago somebody may have proven who they are, to change their factors. */
  readonly fresh: Seconds
  /** The host's page that asks for a second factor. */
  readonly page: string
}

/** A factor as its user sees it. */
export interface FactorView {
  readonly factor: FactorKind
  /** When it was enrolled. */
  readonly since: number
  /** What tells it from others: the end of a telephone number. */
  readonly label?: string
}

/** What somebody who has proven a first factor is asked for. */
export interface ChallengeView {
  readonly purpose: Challenge["purpose"]
  /** Any one of them will do. */
  readonly factors: readonly FactorKind[]
  /** What can be enrolled now, where a second factor is required and the user has none. */
  readonly enrol: readonly FactorKind[]
  readonly expiresAt: number
  /** Whether this browser can be remembered. */
  readonly canRemember: boolean
}

/** What is held of a challenge: its token, from the cookie or from the answer that asked. */
export interface ChallengeInput {
  readonly challenge: string | undefined
}

/** Which factor. */
export interface FactorInput extends ChallengeInput {
  readonly factor: FactorKind
}

/** The answer to a challenge. */
export interface VerifyInput extends FactorInput {
  /** A code, or what an authenticator has said. */
  readonly answer: FactorAnswer
  /** Whether the user wants this browser to be remembered. Default false. */
  readonly remember?: boolean | undefined
}

/** Who has passed. */
export interface Passed {
  readonly user: User
  readonly session: OpenedSession<object>
  /** What this browser is to hold to be remembered; undefined where nobody asked for it. */
  readonly device: string | undefined
}

/** Enrols a factor. */
export interface EnrolInput {
  readonly factor: FactorKind
  /** Instead of a session: of a sign-in that waits for its first second factor. */
  readonly challenge?: string | undefined
  /** What the factor wants to know, such as a telephone number (`number`). What was pending is over by it. */
  readonly input?: Readonly<Record<string, unknown>> | undefined
}

/** Proves what is pending. */
export interface ProofInput extends Pick<EnrolInput, "factor" | "challenge"> {
  readonly answer: FactorAnswer
  /** Whether recovery codes are made for a user who has none: false for whoever cannot show them now. Default true. */
  readonly recoveryCodes?: boolean | undefined
}

/** A factor that was enrolled. */
export interface Enrolled {
  readonly user: User
  /** The session, stronger by the factor; opened now where a sign-in waited for it. */
  readonly session: OpenedSession<object>
  /** Shown once. Undefined where the user has some already, nobody wanted any, or the host has none. */
  readonly recoveryCodes: readonly string[] | undefined
}

/** The steps of the flow, for the routes and for callers without HTTP. */
export interface MfaSteps {
  /** What this challenge asks for, for a page. Undefined for one that is used, expired, or none. */
  challenge(input: ChallengeInput): Promise<ChallengeView | undefined>
  /**
   * Sends a code, or answers an authenticator's options, for a factor that has something to begin with. Repeating it sends the same code again.
   * Refusals: `mfa_challenge_invalid`, `factor_unavailable`, `rate_limited`.
   */
  begin(input: FactorInput, context?: Context): Promise<Outcome<{ json: object }>>
  /**
   * Looks at the answer: opens the session that waited for it, or makes the session fresh that asked (step-up). Tries are counted per user, over
   * all challenges and factors, before they are looked at; of parallel calls with one challenge exactly one gets in. Refusals:
   * `mfa_challenge_invalid`, `factor_unavailable`, `code_invalid`, `passkey_invalid`, `rate_limited`, and those of `sessions.open`.
   */
  verify(input: VerifyInput, context?: Context): Promise<Outcome<Passed>>
  /**
   * Asks the signed-in user for a second factor again, for what must not be done by a session that was left open. Refusals: `not_signed_in`,
   * `factor_unavailable` (the user has none).
   */
  stepUp(context?: Context): Promise<Outcome<{ challenge: string; view: ChallengeView }>>
  /** The user's factors, and how many recovery codes are left. */
  factors(userId: string): Promise<{ factors: readonly FactorView[]; recoveryCodes: number }>
  /**
   * Begins to enrol a factor, or shows what is pending: the same for ten minutes. Nothing counts before it is proven. Refusals: `not_signed_in`,
   * `reauthentication_required`, `insufficient_user_authentication`, `factor_unavailable`, `conflict` (there is one already), `invalid_request`,
   * `rate_limited`, `mfa_challenge_invalid`.
   */
  enrol(input: EnrolInput, context?: Context): Promise<Outcome<{ json: object }>>
  /**
   * Proves the pending factor and puts it in force: other sessions end, and the user is told by mail. Of parallel calls exactly one does. Refusals:
   * as `enrol`, and `code_invalid`.
   */
  confirmEnrolment(input: ProofInput, context?: Context): Promise<Outcome<Enrolled>>
  /**
   * Takes a factor away; this session gets a new token, other sessions end, the user is told by mail, and with the last factor go the recovery codes. Refusals: `not_signed_in`,
   * `reauthentication_required`, `insufficient_user_authentication`, `not_found`, `last_way_in` (the realm requires one).
   */
  remove(
    input: { readonly factor: FactorKind },
    context?: Context,
  ): Promise<Outcome<{ session: OpenedSession<object> }>>
  /**
   * New recovery codes in the place of those before, shown once: ten of 80 bits. Refusals: `not_signed_in`, `reauthentication_required`,
   * `insufficient_user_authentication`, `factor_unavailable` (no second factor that they could stand in for).
   */
  recoveryCodes(context?: Context): Promise<Outcome<{ codes: readonly string[] }>>
}

/** What the steps share, made once per realm. */
export interface MfaParts
  extends Pick<FlowKit<MfaSlots>, "clock" | "emit" | "secondFactor" | "realm" | "secrets" | "sessions">,
    Pick<Stores, MfaSlots> {
  readonly settings: MfaSettings
  readonly factors: ReadonlyMap<FactorKind, Factor>
  readonly recovery: RecoveryCodes | undefined
  readonly records: Challenges
  readonly enrolments: EnrolmentRecords
  readonly devices: RememberedDevices
  /** A try must pass all of them, one after the other. */
  readonly throttles: readonly BackOff[]
  readonly seal: Seal
  readonly mailTo: AccountMailer
}

/** As for passwords: four failures are free. */
const curve = { free: 4, first: 30, most: 900, forgetAfter: 3600 }

/** NIST SP 800-63B-4 §3.2.2: at most a hundred failures in a row. Then one a day, until the right answer comes, or nobody tries for a month. */
const inARow = { free: 99, first: 86_400, most: 86_400, forgetAfter: 30 * 86_400 }

/** Puts together what the steps share. */
export function mfaParts(
  kit: FlowKit<MfaSlots>,
  settings: MfaSettings,
  factors: readonly Factor[],
  recovery: RecoveryCodes | undefined,
  mailTo: AccountMailer,
): MfaParts {
  const { clock, secrets, stores } = kit
  const seal = createSeal(secrets, "second factors")
  return {
    ...stores,
    ...kit,
    ...{ settings, recovery, mailTo, seal },
    factors: new Map(factors.map((factor) => [factor.kind, factor])),
    records: challengeRecords(kit, settings.lifetimeMs),
    enrolments: enrolmentRecords(kit, seal),
    devices: rememberedDevices(kit, settings.rememberMs),
    throttles: [backOff(stores.rateLimits, clock, curve), backOff(stores.rateLimits, clock, inARow)],
  }
}

/** Builds the steps. */
export function mfaSteps(parts: MfaParts): MfaSteps {
  return {
    async challenge({ challenge }) {
      const record = await parts.records.find(challenge)
      return record && viewOf(parts, record)
    },
    begin: (input, context = {}) => begin(parts, input, context),
    verify: (input, context = {}) => verify(parts, input, context),
    stepUp: (context = {}) => stepUp(parts, context),
    factors: (userId) => factorsOf(parts, userId),
    enrol: (input, context = {}) => enrol(parts, input, context),
    confirmEnrolment: (input, context = {}) => confirmEnrolment(parts, input, context),
    remove: ({ factor }, context = {}) => removeFactor(parts, factor, context),
    recoveryCodes: (context = {}) => replaceRecoveryCodes(parts, context),
  }
}

/** Of the realm's factors those that a user has and that make the difference, by the methods of the first. */
export function offeredTo(
  { factors }: Pick<MfaParts, "factors">,
  user: User,
  held: readonly Credential[],
  methods: readonly string[],
): readonly Factor[] {
  const hasBetter = enrolledBy({ factors }, user, held).length > 0
  return [...factors.values()].filter(
    ({ isHeldBy, lastResort, sameAs }) =>
      isHeldBy(user, held) && !(lastResort && hasBetter) && !sameAs.some((same) => methods.includes(same)),
  )
}

/** See {@link SecondFactor.loss}. */
export async function lossOf(
  parts: Pick<MfaParts, "factors" | "settings">,
  user: User,
  held: readonly Credential[],
  credential: Credential,
): Promise<SecondFactorLoss> {
  const left = held.filter((one) => one !== credential)
  const isLast = enrolledBy(parts, user, held).length > 0 && enrolledBy(parts, user, left).length === 0
  if (!isLast) return "none"
  return (await parts.settings.required(user)) ? "required" : "last"
}

/** Those that have the user asked for one at all. */
export function enrolledBy(
  { factors }: Pick<MfaParts, "factors">,
  user: User,
  held: readonly Credential[],
): readonly Factor[] {
  return [...factors.values()].filter(({ asksForMore, isHeldBy }) => asksForMore && isHeldBy(user, held))
}
