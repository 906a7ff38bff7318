/*
 *  User                 mfa flow                      sessions    credentials   challenges
 *     │                   │ 1 who asks? ─────────────────▶│            │             │
 *     ├──────────────────▶│ 2 what do they have? ─────────────────────▶│             │
 *     │  challenge        │ 3 keep it, for this session ────────────────────────────▶│
 *     │◀──────────────────┤                               │            │             │
 *     │ ── verify.ts makes the session fresh ──▶
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import { isStrong } from "../second-factor.js"
import { viewOf } from "./challenge-view.js"
import { type ChallengeView, enrolledBy, type MfaParts, offeredTo } from "./mfa.js"

/** See {@link MfaSteps.stepUp}. */
export async function stepUp(
  parts: MfaParts,
  { request, token }: Context,
): Promise<Outcome<{ challenge: string; view: ChallengeView }>> {
  const { credentials, records, sessions, users } = parts
  // 1 who asks?
  const principal = await sessions.read(token, request)
  if (!principal) return refuse("not_signed_in")
  const { session, userId } = principal
  const { epoch } = await sessions.begin(userId)
  // 2 what do they have? Where two were shown already, either of them will do; else it must be another than the first
  const user = await users.find(userId)
  if (!user) return refuse("not_signed_in")
  const held = await credentials.listByUser(userId)
  const shown = isStrong(principal) ? [] : session.methods
  const factors = offeredTo(parts, user, held, shown).map(({ kind }) => kind)
  if (enrolledBy(parts, user, held).length === 0 || factors.length === 0) return refuse("factor_unavailable")
  // 3 keep it, for this session
  const kept = await records.create({
    ...{ purpose: "step_up", userId, epoch, factors, methods: session.methods },
    ...{ enrol: [], sessionId: session.id },
  })
  return { ok: true, challenge: kept.token, view: viewOf(parts, kept.challenge) }
}
