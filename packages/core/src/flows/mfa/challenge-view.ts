import type { Challenge } from "./challenges.js"
import type { ChallengeView, MfaParts } from "./mfa.js"

/** A challenge as whoever holds it may see it. */
export function viewOf(parts: Pick<MfaParts, "settings">, challenge: Challenge): ChallengeView {
  const { enrol, expiresAt, factors, purpose } = challenge
  return { purpose, factors, enrol, expiresAt, canRemember: canRemember(parts, challenge) }
}

/** A browser is remembered for signing in; who steps up proves that they are there. */
export function canRemember(
  { settings }: Pick<MfaParts, "settings">,
  { factors, purpose }: Challenge,
): boolean {
  return settings.rememberMs > 0 && purpose === "sign_in" && factors.length > 0
}
