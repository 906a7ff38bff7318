import { namedRule } from "./named-rule.js"
import type { Rule, RuleRefusal } from "./rule.js"

/** How sure it is who is there, after NIST SP 800-63B: one factor; two of different kinds; two, one of them a key in hardware. */
export type AssuranceLevel = 1 | 2 | 3

// RFC 8176 §2. What is not here counts for nothing: questions and answers (kba), risk, place, and the mere presence of somebody (user).
const known = new Set(["pwd", "pin"])
const held = new Set(["otp", "sms", "tel", "swk", "hwk", "sc"])
/** Good only together with a thing that is held (SP 800-63B, use of biometrics). */
const inborn = new Set(["face", "fpt", "iris", "retina", "vbm"])
/** A provider or a mailbox: one factor, since nobody here knows what stands behind it. */
const vouched = new Set(["fed", "email"])
const several = new Set(["mfa"])
const inHardware = new Set(["hwk"])

const refusal: RuleRefusal = Object.freeze({ reason: "insufficient_user_authentication", status: 401 })

/**
 * Passes who signed in at this level or above, by the methods that the session names (RFC 8176): 1 is any one factor; 2 is something held with
 * something known or inborn, or `mfa`; 3 is that with a key in hardware (`hwk`). A passkey counts as two where the session names what
 * verified its user (`pin`, `fpt`, `mfa` …): `user` says only that somebody was there. Two of a kind, a provider or a mailbox are 1, and unknown
 * methods nothing. What else the level demands of the devices nobody can read here. Refuses with `insufficient_user_authentication`
 * (401, RFC 9470 §3).
 * @throws TypeError for another level
 */
export function assurance(level: AssuranceLevel): Rule<object> {
  if (level !== 1 && level !== 2 && level !== 3) {
    throw new TypeError("assurance(): no such level. Write assurance(1), assurance(2) or assurance(3).")
  }
  return namedRule(`assurance(${level})`, ({ session }) => levelOf(session.methods) >= level || refusal)
}

function levelOf(methods: readonly string[]): 0 | AssuranceLevel {
  const some = (kind: ReadonlySet<string>): boolean => methods.some((method) => kind.has(method))
  const two = some(several) || (some(held) && (some(known) || some(inborn)))
  if (two) return some(inHardware) ? 3 : 2
  return some(known) || some(held) || some(vouched) ? 1 : 0
}
