/*
 *  Client             refresh                            challenges   users   sessions
 *     │ refresh token     │ 1 verify: realm, family, generation, MAC    │         │
 *     ├──────────────────▶│ 2 the family ────────────────▶│             │         │
 *     │                   │ 3 the proof of its key: once ▶│             │         │
 *     │                   │ 4 its newest, or the one before it, just rotated?     │
 *     │                   │   (older: end the family ────▶│, its session ────────▶│)
 *     │                   │ 5 the user as of now ────────────────────▶│           │
 *     │                   │ 6 move the idle limit, if it has not ended ──────────▶│
 *     │                   │ 7 sign the access token       │             │         │
 *     │  access, refresh  │ 8 next generation: of all ───▶│ one         │         │
 *     │◀──────────────────┤                               │             │         │
 *
 * Why in this order. The session's record is the truth about life: every access token is looked up there when it is used, and every refresh in 6.
 * - A revocation before 6: the write of 6 fails, since no store lets a session that ended be replaced, and nothing is rotated or answered.
 * - A revocation between 6 and the answer: what is answered is dead. The access token finds no record; the refresh token comes to 6 and fails.
 *   No step after 6 writes the record, so none can bring it back.
 * - Breaking off before 8: nothing was rotated. The client's token is good, the session has moved its idle limit for somebody who held its newest token.
 * - Breaking off in 8 or after: the client may not hear of its successor, and asks again with the predecessor. Inside the window it is told the same
 *   successor, which is recomputed, not stored; outside it counts as used twice. So 8 is the last step that can fail, and all that asks a store comes before it.
 * - Of two in step 8 with one token, one wins. The other reads the row anew and is then the direct predecessor.
 * - The end of a family is written before that of its session. Between the two nothing rotates any more; whoever comes next with any token of the
 *   family finishes it. Both are written before the refusal is answered.
 */
import type { Clock, Seconds } from "../../clock.js"
import type { Context } from "../../context.js"
import type { EventBody, ProofFault, RefreshCause } from "../../events.js"
import { type Outcome, type Reason, type Refusal, refuse } from "../../outcome.js"
import type { SessionRecord, User, UserStore } from "../../stores/ports.js"
import { type KeptSession, type KeptSessions, storable } from "../kept.js"
import type { OpenedSession } from "../session.js"
import type { ClientKind, Families, Family } from "./families.js"
import type { PresentedProofs } from "./presented-proofs.js"
import type { RefreshToken, RefreshTokens } from "./refresh-token.js"

/** What refreshing is made of. */
export interface RefreshParts<C extends object> {
  readonly clock: Clock
  readonly emit: (context: Context, event: EventBody) => Promise<void>
  readonly claims: (user: User) => C
  readonly users: UserStore
  readonly kept: KeptSessions<C>
  readonly families: Families
  readonly tokens: RefreshTokens
  readonly proofs: PresentedProofs
  /** How long the direct predecessor gets the same successor, counted from the rotation. 0: not at all. */
  readonly grace: Readonly<Record<ClientKind, Seconds>>
  /** Whether families without a key are refused. */
  readonly boundOnly: boolean
  /** Whether this record's tokens are those of this family. */
  isOf(record: SessionRecord, family: string): boolean
  /** Signs an access token and puts this refresh token beside it. */
  issue(
    session: KeptSession<C>,
    next: RefreshToken,
    thumbprint: string | undefined,
  ): Promise<OpenedSession<C>>
}

/** More than one round is needed when somebody else rotates in between; after that one is the predecessor. */
const rounds = 3

/** Exchanges a refresh token. Refusals: `refresh_token_invalid`, `refresh_token_reused`, `dpop_proof_invalid`, `conflict`. */
export async function refresh<C extends object>(
  parts: RefreshParts<C>,
  text: string,
  context: Context,
): Promise<Outcome<{ session: OpenedSession<C> }>> {
  const { emit, families, tokens } = parts
  // 1 verify
  const presented = tokens.parse(text)
  if (!presented) return refuse("refresh_token_invalid")
  for (let round = 0; round < rounds; round++) {
    // 2 the family
    const found = await families.find(presented.family)
    if (!found) return refused(parts, context, "family_unknown")
    const { family } = found
    // 3 the proof of its key
    const fault = await proofFault(parts, context, family)
    if (fault) return refused(parts, context, "proof_invalid", family, fault)
    // 4 which of them
    const age = family.generation - presented.generation
    if (family.ended || !isGood(parts, family, age)) return endFamily(parts, context, presented, family)
    // 5 the user as of now, 6 move the idle limit
    const session = await renewed(parts, context, presented, family)
    if (typeof session === "string") return refused(parts, context, session, family)
    // 7 sign
    const next = { family: presented.family, generation: presented.generation + 1 }
    const opened = await parts.issue(session, next, family.thumbprint)
    if (age > 0) return { ok: true, session: opened }
    // 8 next generation
    if (!(await families.rotate(presented.family, found))) continue
    const { sessionId, userId } = family
    await emit(context, { type: "session.renewed", userId, sessionId })
    return { ok: true, session: opened }
  }
  return refuse("conflict")
}

/** RFC 9449 §5: refresh tokens of a client without a secret of its own are bound to its key. */
async function proofFault<C extends object>(
  { boundOnly, proofs }: RefreshParts<C>,
  { request }: Context,
  { thumbprint }: Family,
): Promise<ProofFault | undefined> {
  if (thumbprint === undefined) return boundOnly ? "missing" : undefined
  const proof = await proofs.accept(request, { thumbprint })
  return typeof proof === "string" ? proof : undefined
}

function isGood<C extends object>(
  { clock, grace }: RefreshParts<C>,
  { client, rotatedAt }: Family,
  age: number,
): boolean {
  return age === 0 || (age === 1 && clock() < rotatedAt + grace[client] * 1000)
}

async function renewed<C extends object>(
  { claims, isOf, kept, users }: RefreshParts<C>,
  context: Context,
  { family: id }: RefreshToken,
  { sessionId, userId }: Family,
): Promise<KeptSession<C> | "session_ended" | "user_disabled"> {
  const found = await kept.live(sessionId)
  if (!found || found.record.userId !== userId || !isOf(found.record, id)) return "session_ended"
  const user = found.user ?? (await users.find(userId))
  if (!user || user.disabledAt !== null) {
    await kept.end(userId, sessionId, "disabled", context)
    return "user_disabled"
  }
  const now = claims(user)
  const record = await kept.touch({ ...found.record, claims: storable(now) })
  return record ? { record, claims: now } : "session_ended"
}

/** Older than the predecessor, or its window is over: one of two who hold it is a thief, and nobody can tell which. */
async function endFamily<C extends object>(
  parts: RefreshParts<C>,
  context: Context,
  { family: id, generation }: RefreshToken,
  family: Family,
): Promise<Refusal> {
  const { emit, families, isOf, kept } = parts
  const { sessionId, userId } = family
  if (!family.ended) await families.end(id, family)
  const record = (await kept.live(sessionId))?.record
  // Where a new password gave the session other tokens, those of before are dead already and end nothing.
  const ended =
    record && isOf(record, id) && (await kept.end(userId, sessionId, "refresh_token_reused", context))
  const ahead = generation > family.generation
  if (!ended || ahead) {
    return refused(parts, context, ahead ? "generation_ahead" : "family_ended", family)
  }
  await emit(context, { type: "refresh_token.reused", userId, sessionId })
  return refuse("refresh_token_reused")
}

const reasonOf: Readonly<Record<RefreshCause, Reason>> = {
  family_unknown: "refresh_token_invalid",
  family_ended: "refresh_token_reused",
  generation_ahead: "refresh_token_reused",
  session_ended: "refresh_token_invalid",
  user_disabled: "refresh_token_invalid",
  proof_invalid: "dpop_proof_invalid",
}

async function refused<C extends object>(
  { emit }: RefreshParts<C>,
  context: Context,
  cause: RefreshCause,
  family?: Family,
  detail?: ProofFault,
): Promise<Refusal> {
  const whose = family && { userId: family.userId, sessionId: family.sessionId }
  await emit(context, { type: "refresh_token.refused", cause, ...whose, ...(detail && { detail }) })
  return refuse(reasonOf[cause])
}
