import type { Clock } from "../clock.js"
import type { Context } from "../context.js"
import type { SecretRing } from "../crypto/secret-ring.js"
import type { EventBody } from "../events.js"
import type { Refusal } from "../outcome.js"
import type { Sessions, SignInTicket } from "../sessions/session.js"
import type { Credential, SlotName, Stores, User } from "../stores/ports.js"

/** What every flow gets from `createAuth`: its slots, the realm's sessions, and the means to tell time, keep secrets and report. */
export interface FlowKit<Slots extends SlotName> {
  readonly realm: string
  readonly clock: Clock
  /** What the flow needs, and whatever else the host has. */
  readonly stores: Pick<Stores, Slots> & Partial<Stores>
  readonly sessions: Sessions<object>
  readonly secrets: SecretRing
  readonly emit: (context: Context, event: EventBody) => Promise<void>
  /** Hear every event of the realm in this process, before it is recorded. They must not throw; what takes time they do after the answer. */
  readonly heardBy: Set<Hear>
  /** Hears what went wrong after the answer had left; never throws. */
  readonly onFault: (fault: unknown) => void
  /** Whether the user can sign in by this credential, through any flow that the host has. For use once all flows are built. */
  readonly opens: Opens
  /** What asks for second factors; undefined where no flow of the host's does. For use once all flows are built. */
  readonly secondFactor: () => SecondFactor | undefined
}

export type Hear = (event: EventBody, context: Context) => void

/** Whether a user can sign in by a credential. A second factor alone opens nothing. */
export type Opens = (credential: Credential, user: User) => boolean

/** None, as others stay or it was no factor; the last one; the last one, in a realm that requires one. */
export type SecondFactorLoss = "none" | "last" | "required"

/** What a realm asks for after the first factor. */
export interface SecondFactor {
  /**
   * Whether a user who has proven who they are by these methods must prove it by another: a refusal with `next` then, and undefined for those
   * who need not. Stores what was proven; never opens anything.
   */
  ask(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<Refusal | undefined>
  /** The kinds of factors that the realm knows. */
  readonly kinds: readonly string[]
  /** Whether the user has one, whatever the realm's policy says. */
  isHeldBy(userId: string): Promise<boolean>
  /** What removing this credential would take from a user who holds these. */
  loss(user: User, held: readonly Credential[], credential: Credential): Promise<SecondFactorLoss>
  /** Takes away what stood in for the factors of a user who has none any more. */
  forgetAll(userId: string): Promise<void>
}
