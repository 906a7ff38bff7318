/*
 *  Visitor              mfa flow                      challenges     factor
 *     │ challenge, factor │ 1 what is asked? ─────────────▶│            │
 *     ├──────────────────▶│ 2 does it still stand?         │            │
 *     │                   │ 3 send the code, or make the options ───────▶│
 *     │  options          │                                │            │
 *     │◀──────────────────┤                                │            │
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import { standing } from "./attempts.js"
import type { FactorInput, MfaParts } from "./mfa.js"

/** See {@link MfaSteps.begin}. */
export async function begin(
  parts: MfaParts,
  { challenge: token, factor: kind }: FactorInput,
  context: Context,
): Promise<Outcome<{ json: object }>> {
  // 1 what is asked?
  const challenge = await parts.records.find(token)
  if (!challenge) return refuse("mfa_challenge_invalid")
  const factor = parts.factors.get(kind)
  if (!factor || !challenge.factors.includes(kind)) return refuse("factor_unavailable")
  // 2 does it still stand?
  const found = await standing(parts, challenge)
  if (!found) return refuse("mfa_challenge_invalid")
  if (!factor.isHeldBy(found.user, found.held)) return refuse("factor_unavailable")
  // 3 send the code, or make the options
  if (!factor.begin) return { ok: true, json: {} }
  const { expiresAt, id } = challenge
  const begun = await factor.begin({ id, expiresAt, ...found }, context)
  if (begun.ok && kind !== "passkey") {
    await parts.emit(context, { type: "factor.code_sent", userId: found.user.id, factor: kind })
  }
  return begun
}
