import type { Clock } from "../clock.js"
import type { Context } from "../context.js"
import type { SecretRing } from "../crypto/secret-ring.js"
import type { EventBody } from "../events.js"
import type { Sessions } from "../sessions/session.js"
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
  /** Hears what went wrong after the answer had left; never throws. */
  readonly onFault: (fault: unknown) => void
  /** Whether the user can sign in by this credential, through any flow that the host has. For use once all flows are built. */
  readonly opens: Opens
}

/** Whether a user can sign in by a credential. A second factor alone opens nothing. */
export type Opens = (credential: Credential, user: User) => boolean
