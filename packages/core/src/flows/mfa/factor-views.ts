import type { FactorView, MfaParts } from "./mfa.js"

/** See {@link MfaSteps.factors}. */
export async function factorsOf(
  { credentials, factors }: MfaParts,
  userId: string,
): Promise<{ factors: readonly FactorView[]; recoveryCodes: number }> {
  const held = await credentials.listByUser(userId)
  const views: FactorView[] = []
  for (const credential of held) {
    const factor = factors.get(credential.kind as FactorView["factor"])
    if (!factor?.enrolment || credential.secret === "") continue
    const label = await factor.enrolment.label?.(credential)
    views.push({
      ...{ factor: factor.kind, since: credential.createdAt },
      ...(label === undefined ? {} : { label }),
    })
  }
  const recoveryCodes = held.filter(({ kind }) => kind === "recovery_code").length
  return { factors: views, recoveryCodes }
}
