import type { EpochMs } from "../clock.js"
import type { Context } from "../context.js"
import type { FactorCause, FactorKind } from "../events.js"
import type { Outcome } from "../outcome.js"
import type { Credential, SlotName, User } from "../stores/ports.js"
import type { AccountMailer } from "./account-mailer.js"
import type { FlowKit } from "./flow.js"

/** What somebody is asked for once: a sign-in that waits for its second factor, a step-up, an enrolment. */
export interface FactorAttempt {
  /** 132 random bits that nobody outside knows: what codes are derived from, and what options of an authenticator are kept under. */
  readonly id: string
  readonly user: User
  /** All of the user's credentials, as of now. */
  readonly held: readonly Credential[]
  readonly expiresAt: EpochMs
}

/** What a visitor answers: a code, or what an authenticator has said, as JSON. */
export type FactorAnswer = string | object

/** The methods that were proven (RFC 8176), or the exact cause why not. */
export type FactorVerdict = { readonly methods: readonly string[] } | { readonly cause: FactorCause }

/** What a visitor needs to answer: for a script. Nothing in it is a secret to whoever has the attempt. */
export type FactorPrompt = Outcome<{ json: object }>

/** A kind of second factor in one realm. It opens nothing, counts no tries and tells no events: the flow that asks does. */
export interface Factor {
  readonly kind: FactorKind
  /** Whether a user who has it is asked for a second factor at all. False for what only stands in for others (recovery codes) or that everybody has (a mailbox). */
  readonly asksForMore: boolean
  /** It counts only for who has nothing better: whoever reads a mailbox can also set a new password. */
  readonly lastResort?: boolean
  /** First factors that are the same thing: after them it is no second one. */
  readonly sameAs: readonly string[]
  /** Whether the user, who holds these credentials, has it. */
  isHeldBy(user: User, held: readonly Credential[]): boolean
  /** Sends a code, or makes an authenticator's options. Undefined where there is nothing to begin with. */
  begin?(attempt: FactorAttempt, context: Context): Promise<FactorPrompt>
  /** Looks at an answer; of parallel calls with one answer at most one is told yes, whatever the attempt. */
  verify(attempt: FactorAttempt, answer: FactorAnswer, context: Context): Promise<FactorVerdict>
  /** How it is enrolled, where the flow that asks does that. */
  readonly enrolment?: FactorEnrolment
}

/** Enrolling in two steps: what is to be proven, then the proof. */
export interface FactorEnrolment {
  /** `secret` is kept sealed until the proof comes, at most ten minutes. Refusals: `invalid_request`, `rate_limited`. */
  begin(
    attempt: FactorAttempt,
    input: Readonly<Record<string, unknown>>,
    context: Context,
  ): Promise<Outcome<{ secret: string }>>
  /** What the user must see while it is pending: the same each time. */
  show(attempt: FactorAttempt, secret: string): Promise<object>
  /** Looks at the proof. `secret` goes into the credential as it is. */
  prove(
    attempt: FactorAttempt,
    secret: string,
    answer: FactorAnswer,
  ): Promise<FactorVerdict & { readonly secret?: string }>
  /** What may be shown of one that is enrolled: the end of a telephone number. */
  label?(credential: Credential): Promise<string>
}

/** A factor as a host adds it. */
export interface FactorDefinition<Slots extends SlotName = SlotName> {
  readonly needs: readonly Slots[]
  /** @throws ConfigError */
  build(kit: FlowKit<Slots>, realm: FactorRealm): Factor
}

/** The realm as a factor sees it. */
export interface FactorRealm {
  readonly origin: string
  readonly mailTo: AccountMailer
}
