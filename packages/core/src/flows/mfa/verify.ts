/*
 *  Visitor              mfa flow                      challenges   rateLimits   factor   sessions
 *     │ challenge, answer │ 1 what is asked? ─────────────▶│           │          │         │
 *     ├──────────────────▶│ 2 does it still stand? ───────────────────────────────────────▶│
 *     │                   │ 3 reserve the user's try ─────────────────▶│          │         │
 *     │                   │ 4 look at the answer ────────────────────────────────▶│         │
 *     │                   │ 5 take the challenge: of all who come, one ▶│         │         │
 *     │  session, token   │ 6 open, if nothing was revoked since the first factor; or rotate ▶│
 *     │◀──────────────────┤                                │           │          │         │
 *
 * Whatever breaks off after 4 costs a new code and grants nothing. The door that 6 goes through is the one that asked for the second factor, and
 * the realm's rule is asked there.
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession } from "../../sessions/session.js"
import type { Credential, User } from "../../stores/ports.js"
import { causeOf } from "../unopened.js"
import { refuseFactor, standing, tried, verdictOf } from "./attempts.js"
import { canRemember } from "./challenge-view.js"
import type { Challenge } from "./challenges.js"
import type { MfaParts, Passed, VerifyInput } from "./mfa.js"
import { noticeRecoveryCode } from "./notices.js"

/** See {@link MfaSteps.verify}. */
export async function verify(
  parts: MfaParts,
  { answer, challenge: token = "", factor, remember = false }: VerifyInput,
  context: Context,
): Promise<Outcome<Passed>> {
  // 1 what is asked?
  const challenge = await parts.records.find(token)
  if (!challenge) return refuse("mfa_challenge_invalid")
  const { expiresAt, id, userId } = challenge
  if (!challenge.factors.includes(factor)) return refuse("factor_unavailable")
  if (!(await isOwnSession(parts, challenge, context))) return refuse("mfa_challenge_invalid")
  // 2 does it still stand?
  const found = await standing(parts, challenge)
  if (!found) return refuse("mfa_challenge_invalid")
  // 3 reserve the user's try, 4 look at the answer
  const verdict = await tried(parts, userId, context, async () =>
    verdictOf(parts.factors.get(factor), { id, expiresAt, ...found }, answer, context),
  )
  if ("ok" in verdict) return verdict
  if ("cause" in verdict) return refuseFactor(parts, context, { cause: verdict.cause, factor, userId })
  // 5 take the challenge
  if (!(await parts.records.take(token))) {
    return refuseFactor(parts, context, { cause: "challenge_invalid", factor, userId })
  }
  const { purpose } = challenge
  await parts.emit(context, { type: "factor.passed", userId, factor, purpose })
  if (factor === "recovery_code") noticeRecoveryCode(parts, found.user, context)
  // 6 open, or rotate
  const opened = await enter(parts, challenge, found.user, verdict.methods, context)
  if (!opened.ok) return opened
  const device =
    remember && canRemember(parts, challenge) && factor !== "recovery_code"
      ? await rememberedNow(parts, challenge, found.held, context)
      : undefined
  return { ok: true, user: found.user, session: opened.session, device }
}

/** Who steps up does so in the session that asked for it. */
async function isOwnSession(
  { sessions }: MfaParts,
  { purpose, sessionId, userId }: Challenge,
  { request, token }: Context,
): Promise<boolean> {
  if (purpose === "sign_in") return true
  const principal = await sessions.read(token, request)
  return principal?.userId === userId && principal.session.id === sessionId
}

async function enter(
  { emit, sessions }: MfaParts,
  { epoch, methods, purpose, userId }: Challenge,
  user: User,
  proven: readonly string[],
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const more = [...proven, "mfa"]
  if (purpose === "step_up") {
    const session = await sessions.rotate(context.token, context, more)
    if (!session) return refuse("not_signed_in")
    await emit(context, { type: "session.elevated", userId, sessionId: session.principal.session.id })
    return { ok: true, session }
  }
  const all = [...new Set([...methods, ...more])]
  const opened = await sessions.open({ userId, epoch }, user, all, context)
  if (opened.ok) {
    const sessionId = opened.session.principal.session.id
    await emit(context, { type: "sign_in.succeeded", flow: "mfa", userId, sessionId })
  } else {
    await emit(context, { type: "sign_in.refused", flow: "mfa", cause: causeOf(opened), userId })
  }
  return opened
}

async function rememberedNow(
  { devices, emit }: MfaParts,
  { epoch, userId }: Challenge,
  held: readonly Credential[],
  context: Context,
): Promise<string> {
  await emit(context, { type: "device.remembered", userId })
  return devices.remember({ userId, epoch }, held)
}
