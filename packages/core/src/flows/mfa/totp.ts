import { decodeBase64url, encodeBase64url } from "../../crypto/base64url.js"
import { equalInConstantTime } from "../../crypto/equal.js"
import { newTotpSeed, totpCode, totpEnrolment, totpPeriod, totpStepAt } from "../../crypto/otp.js"
import { createSeal } from "../../crypto/seal.js"
import type { FactorAnswer, FactorDefinition } from "../factor.js"
import { codeIn } from "./typed-code.js"

/** What a host decides about authenticator apps. */
export interface TotpOptions {
  /** What stands beside the code in the user's app: the host's name for itself. */
  readonly issuer: string
}

/** One step either way: 30 s of drift, and the time that typing takes (RFC 6238 §5.2). */
const drift = [0, -1, 1]

/**
 * Codes of an authenticator app (TOTP, RFC 6238): six digits, 30 s, HMAC-SHA-1, which is what every app knows. The seed, 160 bits, is kept sealed. A
 * step that was used is recorded, so no code is good twice (RFC 6238 §5.2).
 */
export function totp({ issuer }: TotpOptions): FactorDefinition<"challenges"> {
  return {
    needs: ["challenges"],
    build({ clock, secrets, stores }) {
      const { challenges } = stores
      const { open, seal } = createSeal(secrets, "totp seeds")
      const recordOf = (userId: string): string => `totp ${userId}`

      function stepOf(seed: Uint8Array, answer: FactorAnswer): number | undefined {
        const code = codeIn(answer, 6)
        const now = totpStepAt(clock())
        return code === undefined
          ? undefined
          : drift.map((by) => now + by).find((step) => equalInConstantTime(totpCode(seed, step), code))
      }

      /** Every step once, whoever asks, in all realms that share the user: until the last moment at which a server could still take it, and an hour for clocks that differ. */
      async function isFirstUse(userId: string, step: number): Promise<boolean> {
        const key = `totp-used:${secrets.digests("limit", userId)[0]}:${step}`
        const until = (step + 2) * totpPeriod * 1000 + 3_600_000
        return (await challenges.add(key, "", until)) === true
      }

      return {
        kind: "totp",
        asksForMore: true,
        sameAs: ["otp"],
        isHeldBy: (_, held) => held.some(({ kind, secret }) => kind === "totp" && secret !== ""),

        async verify({ held, user }, answer) {
          const credential = held.find(({ kind }) => kind === "totp")
          const seed = credential && decodeBase64url((await open(credential.secret, recordOf(user.id))) ?? "")
          if (!seed?.length) return { cause: "not_enrolled" }
          const step = stepOf(seed, answer)
          if (step === undefined) return { cause: "code_wrong" }
          return (await isFirstUse(user.id, step)) ? { methods: ["otp"] } : { cause: "code_used" }
        },

        enrolment: {
          begin: async () => ({ ok: true, secret: encodeBase64url(newTotpSeed()) }),
          show: async ({ user }, secret) =>
            totpEnrolment(issuer, user.email, decodeBase64url(secret) ?? new Uint8Array()),
          async prove({ user }, secret, answer) {
            const step = stepOf(decodeBase64url(secret) ?? new Uint8Array(), answer)
            if (step === undefined) return { cause: "code_wrong" }
            if (!(await isFirstUse(user.id, step))) return { cause: "code_used" }
            return { methods: ["otp"], secret: await seal(secret, recordOf(user.id)) }
          },
        },
      }
    },
  }
}
