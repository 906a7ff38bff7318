import type { Outcome } from "../../outcome.js"
import type { FactorDefinition } from "../factor.js"
import { overRate } from "../mail-limits.js"
import { isVerified } from "../verified.js"
import { isSentCode, sentCode } from "./typed-code.js"

/** Mails to one user, over all challenges. */
const rate = { limit: 5, window: 900 }

/**
 * Codes by mail, eight digits, to whoever has a verified address: where a realm requires a second factor and the user has no other yet. Never in
 * the place of one that the user has, since whoever reads the mailbox can also set a new password (NIST SP 800-63B-4 §3.1.3.1 takes no mail at all),
 * and not after a sign-in by mail.
 */
export function emailCode(): FactorDefinition<"rateLimits" | "challenges"> {
  return {
    needs: ["rateLimits", "challenges"],
    build({ clock, emit, realm, secrets, stores }, { mailTo }) {
      const { challenges, rateLimits } = stores
      return {
        kind: "email",
        asksForMore: false,
        lastResort: true,
        sameAs: ["email"],
        isHeldBy: (user) => isVerified(user),
        async begin({ expiresAt, id, user }, context): Promise<Outcome<{ json: object }>> {
          const key = `mfa-mails:${secrets.digests("limit", user.id)[0]}`
          const counted = { limit: "mfa_email.user", key, rate }
          const crowded = await overRate({ clock, emit, rateLimits }, counted, context)
          if (crowded) return crowded
          const code = sentCode(secrets, codeText(user.email), id)
          mailTo(user, { kind: "second_factor", code, expiresAt }, context)
          return { ok: true, json: {} }
        },
        async verify({ expiresAt, id, user }, answer) {
          if (!isSentCode(secrets, codeText(user.email), id, answer)) return { cause: "code_wrong" }
          return (await challenges.add(`mfa-code-used:${realm}:email:${id}`, "", expiresAt)) === true
            ? { methods: ["email"] }
            : { cause: "code_used" }
        },
      }
    },
  }
}

/** An address that was changed meanwhile gets another code. */
function codeText(email: string): string {
  return `email ${email}`
}
