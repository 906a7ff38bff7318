import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import { strongPrincipal } from "../second-factor.js"
import { changeWaysIn } from "../ways-in.js"
import { enrolledBy, type MfaParts } from "./mfa.js"

/** See {@link MfaSteps.recoveryCodes}. */
export async function replaceRecoveryCodes(
  parts: MfaParts,
  context: Context,
): Promise<Outcome<{ codes: readonly string[] }>> {
  const { clock, credentials, emit, mailTo, recovery, settings, users } = parts
  const asked = await strongPrincipal(parts, settings.fresh, context)
  if (!asked.ok) return asked
  const { userId } = asked.principal
  const user = await users.find(userId)
  if (!user || !recovery) return refuse("factor_unavailable")
  return changeWaysIn(parts, userId, async () => {
    const held = await credentials.listByUser(userId)
    if (enrolledBy(parts, user, held).length === 0) return refuse("factor_unavailable")
    const still = await strongPrincipal(parts, settings.fresh, context)
    if (!still.ok) return still
    const codes = await recovery.replace(userId)
    await emit(context, { type: "factor.enrolled", userId, factor: "recovery_code" })
    mailTo(user, { kind: "notice", notice: "recovery_codes_replaced", at: clock() }, context)
    return { ok: true, codes }
  })
}
