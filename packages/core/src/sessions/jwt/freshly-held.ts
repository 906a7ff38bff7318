import type { EpochMs, Seconds } from "../../clock.js"
import type { Json, User } from "../../stores/ports.js"
import { storable } from "../kept.js"
import type { SessionKit } from "../session.js"
import { refuseReserved } from "./reserved-claims.js"
import type { Held } from "./standing.js"

/** What is known of a session that nobody keeps, besides its user. */
export interface Unkept {
  readonly sessionId: string
  readonly methods: readonly string[]
  readonly mark: Readonly<Record<string, Json>>
  /** Of a session that begins now: how long it may last. */
  readonly absolute?: Seconds
  /** Of one that goes on. */
  readonly authenticatedAt?: EpochMs
  readonly absoluteExpiresAt?: EpochMs
}

/** A session as of now, with what the user's record says now. @throws SizeError, TypeError for claims that a token cannot carry */
export function freshlyHeld<C extends object>(
  kit: SessionKit<never, C>,
  user: User,
  { absolute = 0, ...known }: Unkept,
): Held<C> {
  const now = kit.clock()
  const claims = kit.claims(user)
  storable(claims)
  refuseReserved(claims)
  const { authenticatedAt = now, absoluteExpiresAt = now + absolute * 1000, methods, mark, sessionId } = known
  return {
    ...{ userId: user.id, sessionId, claims, methods, mark, authenticatedAt, absoluteExpiresAt },
    createdAt: authenticatedAt,
    issuedAt: now,
    address: "",
    userAgent: "",
  }
}

/** What stays of a session when its user has just proven again who they are. */
export function proofOf<C extends object>(
  { authenticatedAt, methods }: Pick<Held<C>, "authenticatedAt" | "methods">,
  now: EpochMs,
  proven: readonly string[] | undefined,
): Pick<Held<C>, "authenticatedAt" | "methods"> {
  return proven
    ? { authenticatedAt: now, methods: [...new Set([...methods, ...proven])] }
    : { authenticatedAt, methods }
}
