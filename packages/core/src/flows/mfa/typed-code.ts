import { decodeBase64url } from "../../crypto/base64url.js"
import { equalInConstantTime } from "../../crypto/equal.js"
import type { SecretRing } from "../../crypto/secret-ring.js"
import type { FactorAnswer } from "../factor.js"

/** A typed code of so many digits; spaces and hyphens, as people group digits, do not count. */
export function codeIn(answer: FactorAnswer, digits: number): string | undefined {
  const code = typeof answer === "string" && answer.length <= 64 ? answer.replace(/[\s-]/g, "") : ""
  return code.length === digits && /^\d+$/.test(code) ? code : undefined
}

/** Digits of a code that is sent: one guess in 10^8. */
const sentDigits = 8

/** The code of an attempt: a truncated HMAC of its id, so nothing of it is stored, and asking again sends the same. */
export function sentCode(secrets: SecretRing, what: string, id: string): string {
  return truncated(secrets.digests("factor-code", `${what} ${id}`)[0])
}

/** Whether somebody typed that code, made under any secret of the ring: an attempt lives minutes. */
export function isSentCode(secrets: SecretRing, what: string, id: string, answer: FactorAnswer): boolean {
  const typed = codeIn(answer, sentDigits)
  if (typed === undefined) return false
  return secrets
    .digests("factor-code", `${what} ${id}`)
    .some((one) => equalInConstantTime(truncated(one), typed))
}

/** 48 bits modulo 10^8, which favours no code by more than one in two million. */
function truncated(digest: string): string {
  const bytes = decodeBase64url(digest.slice(0, 8)) ?? new Uint8Array()
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return `${number % 10 ** sentDigits}`.padStart(sentDigits, "0")
}
