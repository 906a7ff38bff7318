/*
 *  User                 mfa flow                      sessions   credentials   challenges   factor   mailer
 *     │ factor            │ 1 who asks? Fresh, and with what they have ▶│            │          │        │
 *     ├──────────────────▶│ 2 begin, or find what is pending ──────────────────────▶│─────────▶│        │
 *     │  seed, "look at your phone"                   │            │            │          │        │
 *     │◀──────────────────┤                               │            │            │          │        │
 *     │ proof             │ 3 who asks? as in 1 ─────────▶│            │            │          │        │
 *     ├──────────────────▶│ 4 look at the proof, one try of the user's ────────────────────────▶│        │
 *     │                   │   one at a time per user: ────────────────────────────▶│          │        │
 *     │                   │ 5 take the enrolment; still entitled? ────▶│───────────▶│          │        │
 *     │                   │ 6 put it in force ───────────────────────▶│            │          │        │
 *     │                   │ 7 end all other sessions ────▶│            │            │          │        │
 *     │  stronger session │ 8 rotate this one, or open the one that waited ▶│       │          │        │
 *     │◀──────────────────┤ 9 tell the user ─────────────────────────────────────────────────────────▶│
 *
 * Where the realm requires a second factor and the user has none, nobody is signed in yet: the challenge stands for the session.
 */
import type { Context } from "../../context.js"
import type { FactorKind } from "../../events.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { OpenedSession, Principal } from "../../sessions/session.js"
import type { Credential, User } from "../../stores/ports.js"
import { rotateOrEnd, writeAndEnd } from "../ended-sessions.js"
import type { Factor, FactorEnrolment } from "../factor.js"
import { strongPrincipal } from "../second-factor.js"
import { causeOf } from "../unopened.js"
import { changeWaysIn } from "../ways-in.js"
import { refuseFactor, standing, tried } from "./attempts.js"
import type { Challenge } from "./challenges.js"
import { newEnrolmentId } from "./enrolments.js"
import { type EnrolInput, type Enrolled, enrolledBy, type MfaParts, type ProofInput } from "./mfa.js"

/** Who may enrol: somebody signed in, or whose sign-in waits for it. */
type Entitled = Holder &
  (
    | { readonly principal: Principal<object>; readonly waiting?: undefined }
    | { readonly principal?: undefined; readonly waiting: WaitingSignIn }
  )

interface Holder {
  readonly user: User
  readonly held: readonly Credential[]
  /** What the pending enrolment is kept under. */
  readonly holder: string
}

interface WaitingSignIn {
  readonly challenge: Challenge
  readonly token: string
}

/** See {@link MfaSteps.enrol}. */
export async function enrol(
  parts: MfaParts,
  { challenge, factor: kind, input = {} }: EnrolInput,
  context: Context,
): Promise<Outcome<{ json: object }>> {
  const { enrolments } = parts
  // 1 who asks?
  const asked = await entitled(parts, kind, challenge, context)
  if (!asked.ok) return asked
  const { enrolment, held, holder, user } = asked
  // 2 begin, or find what is pending: who says something new begins anew
  const attempt = { id: newEnrolmentId(), user, held, expiresAt: 0 }
  if (Object.keys(input).length > 0) await enrolments.drop(holder, kind)
  let pending = await enrolments.find(holder, kind)
  if (!pending) {
    const begun = await enrolment.begin(attempt, input, context)
    if (!begun.ok) return begun
    await enrolments.add(holder, kind, { id: attempt.id, userId: user.id, secret: begun.secret })
    pending = await enrolments.find(holder, kind)
  }
  if (pending?.userId !== user.id) return refuse("conflict")
  const { expiresAt, id, secret } = pending
  return { ok: true, json: { ...(await enrolment.show({ ...attempt, id, expiresAt }, secret)), expiresAt } }
}

/** See {@link MfaSteps.confirmEnrolment}. */
export async function confirmEnrolment(
  parts: MfaParts,
  { answer, challenge, factor: kind, recoveryCodes: wanted = true }: ProofInput,
  context: Context,
): Promise<Outcome<Enrolled>> {
  const { emit, enrolments, mailTo, clock } = parts
  // 3 who asks?
  const asked = await entitled(parts, kind, challenge, context)
  if (!asked.ok) return asked
  const { enrolment, held, holder, user } = asked
  const userId = user.id
  const pending = await enrolments.find(holder, kind)
  if (pending?.userId !== userId) return refuse("mfa_challenge_invalid")
  // 4 look at the proof
  let secret = pending.secret
  const { expiresAt, id } = pending
  const verdict = await tried(parts, userId, context, async () => {
    const proven = await enrolment.prove({ id, user, held, expiresAt }, pending.secret, answer)
    if ("methods" in proven && proven.secret !== undefined) secret = proven.secret
    return proven
  })
  if ("ok" in verdict) return verdict
  if ("cause" in verdict) return refuseFactor(parts, context, { cause: verdict.cause, factor: kind, userId })
  const credential = credentialOf(kind, userId, secret, clock())
  return changeWaysIn(parts, userId, async () => {
    // 5 take the enrolment
    if (!(await enrolments.take(holder, kind, id))) return refuse("mfa_challenge_invalid")
    // 6 put it in force, 7 end all other sessions
    const stored = await putInForce(parts, asked, { credential, wanted }, context)
    if (!stored.ok) return stored
    await emit(context, { type: "factor.passed", userId, factor: kind, purpose: "enrolment" })
    await emit(context, { type: "factor.enrolled", userId, factor: kind })
    // 9 tell the user, whatever becomes of 8
    mailTo(user, { kind: "notice", notice: "factor_added", at: clock() }, context)
    // 8 rotate this one, before the next may look at its token, or open the one that waited
    const opened = await strengthened(parts, asked, verdict.methods, context)
    if (!opened.ok) return opened
    return { ok: true, user, session: opened.session, recoveryCodes: stored.recoveryCodes }
  })
}

type Asked = Outcome<Entitled & { readonly factor: Factor; readonly enrolment: FactorEnrolment }>

async function entitled(
  parts: MfaParts,
  kind: FactorKind,
  challenge: string | undefined,
  context: Context,
): Promise<Asked> {
  const factor = parts.factors.get(kind)
  const enrolment = factor?.enrolment
  if (!factor || !enrolment) return refuse("factor_unavailable")
  const who = challenge === undefined ? await signedIn(parts, context) : await waiting(parts, kind, challenge)
  if (!who.ok) return who
  return factor.isHeldBy(who.user, who.held) ? refuse("conflict") : { ...who, factor, enrolment }
}

async function signedIn(parts: MfaParts, context: Context): Promise<Outcome<Entitled>> {
  const asked = await strongPrincipal(parts, parts.settings.fresh, context)
  if (!asked.ok) return asked
  const { principal } = asked
  const { session, userId } = principal
  const user = await parts.users.find(userId)
  if (!user || user.disabledAt !== null) return refuse("not_signed_in")
  const held = await parts.credentials.listByUser(userId)
  return { ok: true, user, held, holder: `session ${session.id}`, principal }
}

async function waiting(parts: MfaParts, kind: FactorKind, token: string): Promise<Outcome<Entitled>> {
  const challenge = await parts.records.find(token)
  if (!challenge?.enrol.includes(kind)) return refuse("mfa_challenge_invalid")
  const found = await standing(parts, challenge)
  return found
    ? { ok: true, ...found, holder: `challenge ${challenge.id}`, waiting: { challenge, token } }
    : refuse("mfa_challenge_invalid")
}

/** Somebody may have claimed the account since, or enrolled another factor that this session has not shown. */
async function putInForce(
  parts: MfaParts,
  asked: Entitled,
  { credential, wanted }: { readonly credential: Credential; readonly wanted: boolean },
  context: Context,
): Promise<Outcome<Pick<Enrolled, "recoveryCodes">>> {
  const { credentials, records, recovery, settings } = parts
  const { principal, user, waiting } = asked
  if (waiting) {
    const found = await standing(parts, waiting.challenge)
    if (!found || found.held.length !== asked.held.length) return refuse("mfa_challenge_invalid")
    if (!(await records.take(waiting.token))) return refuse("mfa_challenge_invalid")
  } else {
    const still = await strongPrincipal(parts, settings.fresh, context)
    if (!still.ok) return still
  }
  // Codes that stood in for a factor that is long gone, stand in for none.
  const held = await credentials.listByUser(user.id)
  if (enrolledBy(parts, user, held).length === 0) await recovery?.removeAll(user.id)
  const write = async (): Promise<boolean> => (await credentials.insert(credential)) === true
  const inserted = await writeAndEnd(parts, user.id, write, "factor_changed", context, principal?.session.id)
  if (!inserted) return refuse("conflict")
  return { ok: true, recoveryCodes: wanted ? await recovery?.first(user.id) : undefined }
}

/** By now the epoch is another: what the enrolment itself has ended does not count against the sign-in that waited for it. */
async function strengthened(
  parts: MfaParts,
  { principal, user, waiting }: Entitled,
  proven: readonly string[],
  context: Context,
): Promise<Outcome<{ session: OpenedSession<object> }>> {
  const { emit, sessions } = parts
  const more = [...proven, "mfa"]
  if (principal) {
    const rotated = await rotateOrEnd(parts, principal, "factor_changed", context, more)
    const sessionId = principal.session.id
    if (rotated.ok) await emit(context, { type: "session.elevated", userId: user.id, sessionId })
    return rotated
  }
  const { epoch, methods } = waiting.challenge
  const ticket = await sessions.begin(user.id)
  // Exactly one step: ours. Anybody else's means that everything was revoked meanwhile.
  if (ticket.epoch > epoch + 1) return refuse("conflict")
  const opened = await sessions.open(ticket, user, [...new Set([...methods, ...more])], context)
  await (opened.ok
    ? emit(context, {
        ...{ type: "sign_in.succeeded", flow: "mfa", userId: user.id },
        sessionId: opened.session.principal.session.id,
      })
    : emit(context, { type: "sign_in.refused", flow: "mfa", cause: causeOf(opened), userId: user.id }))
  return opened
}

function credentialOf(kind: FactorKind, userId: string, secret: string, now: number): Credential {
  return {
    kind: kind as Credential["kind"],
    ...{ handle: userId, userId, secret, revision: 0, createdAt: now, changedAt: now },
  }
}
