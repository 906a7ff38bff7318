/*
 *  A flow            the realm's door (createAuth)      this file              challenges
 *     │ user, methods     │                                  │                     │
 *     ├──────────────────▶│ everything was right ───────────▶│ 1 is more asked of them?
 *     │                   │                                  │ 2 is this browser remembered?
 *     │                   │                                  │ 3 what will do?      │
 *     │  mfa_required     │                                  │ 4 keep what is proven ▶│
 *     │◀──────────────────┤◀─────────────────────────────────┤                     │
 *     │ ── the visitor holds the token of 4, which opens nothing; verify.ts goes on from there ──▶
 */
import type { Context } from "../../context.js"
import { type Refusal, refuse } from "../../outcome.js"
import type { SignInTicket } from "../../sessions/session.js"
import type { User } from "../../stores/ports.js"
import { canRemember, viewOf } from "./challenge-view.js"
import { enrolledBy, type MfaParts, offeredTo } from "./mfa.js"

/** What the routes make of a token: the page to go to, and the cookie that holds it. */
export interface ChallengeHolder {
  readonly page: string
  hold(token: string): string
  /** Whether whoever asks keeps tokens themselves, and gets this one in the answer. */
  keepsTokens(context: Context): boolean
  /** What this browser was given to be remembered. */
  device(context: Context): string | undefined
}

/** See {@link SecondFactor.ask}. */
export async function ask(
  parts: MfaParts,
  holder: ChallengeHolder,
  ticket: SignInTicket,
  user: User,
  methods: readonly string[],
  context: Context,
): Promise<Refusal | undefined> {
  // 1 is more asked of them? Of the disabled nothing: they do not get in anyway
  if (methods.includes("mfa") || user.disabledAt !== null) return undefined
  const held = await parts.credentials.listByUser(user.id)
  const enrolled = enrolledBy(parts, user, held)
  if (enrolled.length === 0 && !(await parts.settings.required(user))) return undefined
  // 2 is this browser remembered?
  if (enrolled.length > 0 && parts.devices.isOf(holder.device(context), ticket, held)) return undefined
  // 3 what will do? Where nothing does, the first one can be enrolled
  const offered = offeredTo(parts, user, held, methods).filter(
    ({ kind }) => kind !== "recovery_code" || enrolled.length > 0,
  )
  const enrollable = [...parts.factors.values()].filter(({ enrolment }) => enrolment)
  // 4 keep what is proven
  const { challenge, token } = await parts.records.create({
    purpose: "sign_in",
    userId: user.id,
    epoch: ticket.epoch,
    methods,
    factors: offered.map(({ kind }) => kind),
    enrol: offered.length + enrolled.length > 0 ? [] : enrollable.map(({ kind }) => kind),
  })
  const { enrol, expiresAt, factors } = viewOf(parts, challenge)
  return refuse("mfa_required", {
    status: 401,
    next: {
      page: holder.page,
      setCookie: [holder.hold(token)],
      json: {
        ...{ factors, enrol, expiresAt, canRemember: canRemember(parts, challenge) },
        ...(holder.keepsTokens(context) ? { challenge: token } : {}),
      },
    },
  })
}
