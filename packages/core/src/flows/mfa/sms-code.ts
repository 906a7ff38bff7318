import { sha256 } from "#primitives"
import type { Context } from "../../context.js"
import { createSeal } from "../../crypto/seal.js"
import { misconfigured } from "../../errors.js"
import { addressBucket } from "../../limits/client-address.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import { afterAnswer } from "../after-answer.js"
import type { FactorDefinition } from "../factor.js"
import { overRate } from "../mail-limits.js"
import { isSentCode, sentCode } from "./typed-code.js"

/** A text message with a code. The code is a bearer secret: it belongs in the message, and in no log. */
export interface SmsCode {
  /** E.164: `+4915112345678`. */
  readonly to: string
  /** Eight digits. */
  readonly code: string
  /**
   * A message that says it, with the host's name bound to it in its last line, so that browsers fill it in on the host's pages alone
   * (origin-bound one-time codes, WICG).
   */
  readonly text: string
}

/** What a host decides about text messages. */
export interface SmsCodeOptions {
  /** Hands a message over. Called once per message, off the response path; a rejection is told to `onFault`. */
  readonly send: (message: SmsCode) => Promise<unknown>
  /** How the host calls itself in the message. */
  readonly appName: string
  /** Which numbers may be enrolled: by their prefix a host keeps to the countries that it pays messages to. Default: all. */
  readonly allow?: (number: string) => boolean
}

const perUser = { limit: 5, window: 900 }
const perNumber = { limit: 5, window: 3600 }
const perNetwork = { limit: 20, window: 3600 }

/**
 * Codes by text message, eight digits, to a number that the user has proven. Restricted by NIST (SP 800-63B-4 §3.1.3.3): numbers are taken over.
 * Numbers are kept sealed. Limited per user, number and network, for messages cost money (toll fraud).
 */
export function smsCode(options: SmsCodeOptions): FactorDefinition<"rateLimits" | "challenges"> {
  const { allow = () => true, appName, send } = options
  if (typeof send !== "function") throw misconfigured("ERR_CONFIG_MFA", "smsCode: send", send, "a function")
  if (typeof appName !== "string" || !/^[^\p{Cc}]{1,40}$/u.test(appName)) {
    throw misconfigured("ERR_CONFIG_MFA", "smsCode: appName", appName, '"My App"')
  }
  return {
    needs: ["rateLimits", "challenges"],
    build({ clock, emit, onFault, realm, secrets, stores }, { origin }) {
      const { challenges, rateLimits } = stores
      const { open, seal } = createSeal(secrets, "telephone numbers")
      const recordOf = (userId: string): string => `phone ${userId}`
      const digest = (text: string): string => secrets.digests("limit", text)[0]

      /** Somebody else's tries to enrol a number must not keep its owner from their codes. */
      async function limited(
        what: "code" | "enrolment",
        userId: string,
        number: string,
        context: Context,
      ): Promise<Refusal | undefined> {
        for (const [limit, key, rate] of [
          ["network", addressBucket(context.address), perNetwork],
          ["user", digest(userId), perUser],
          ["number", `${what}:${digest(number)}`, perNumber],
        ] as const) {
          const counted = { limit: `mfa_sms.${limit}`, key: `mfa-sms:${limit}:${key}`, rate }
          const crowded = await overRate({ clock, emit, rateLimits }, counted, context)
          if (crowded) return crowded
        }
        return undefined
      }

      function sendTo(to: string, id: string, context: Context): void {
        const code = sentCode(secrets, codeText(to), id)
        const { host } = new URL(origin)
        const text = `${appName}: ${code}\n\n@${host} #${code}`
        afterAnswer(() => send({ to, code, text }), context, onFault)
      }

      return {
        kind: "phone",
        asksForMore: true,
        sameAs: ["sms"],
        isHeldBy: (_, held) => held.some(({ kind, secret }) => kind === "phone" && secret !== ""),

        async begin({ held, id, user }, context): Promise<Outcome<{ json: object }>> {
          const credential = held.find(({ kind }) => kind === "phone")
          const number = credential && (await open(credential.secret, recordOf(user.id)))
          if (!number) return refuse("factor_unavailable")
          const refused = await limited("code", user.id, number, context)
          if (refused) return refused
          sendTo(number, id, context)
          return { ok: true, json: { label: masked(number) } }
        },

        async verify({ expiresAt, held, id, user }, answer) {
          const credential = held.find(({ kind }) => kind === "phone")
          const number = credential && (await open(credential.secret, recordOf(user.id)))
          if (!number) return { cause: "not_enrolled" }
          if (!isSentCode(secrets, codeText(number), id, answer)) return { cause: "code_wrong" }
          return (await challenges.add(`mfa-code-used:${realm}:phone:${id}`, "", expiresAt)) === true
            ? { methods: ["sms"] }
            : { cause: "code_used" }
        },

        enrolment: {
          async begin({ id, user }, { number }, context) {
            const canonical = canonicalNumber(number)
            if (canonical === undefined || allow(canonical) !== true) return refuse("invalid_request")
            const refused = await limited("enrolment", user.id, canonical, context)
            if (refused) return refused
            sendTo(canonical, id, context)
            return { ok: true, secret: canonical }
          },
          show: async (_, number) => ({ label: masked(number) }),
          async prove({ id, user }, number, answer) {
            if (!isSentCode(secrets, codeText(number), id, answer)) return { cause: "code_wrong" }
            return { methods: ["sms"], secret: await seal(number, recordOf(user.id)) }
          },
          async label({ secret, userId }) {
            const number = await open(secret, recordOf(userId))
            return number ? masked(number) : ""
          },
        },
      }
    },
  }
}

/** A number that was changed meanwhile gets another code. */
function codeText(number: string): string {
  return `phone ${sha256(number)}`
}

/** E.164: a plus, and 8 to 15 digits that do not begin with 0. Spaces, hyphens, dots and brackets are how people write it; nothing else is. */
function canonicalNumber(typed: unknown): string | undefined {
  const number = typeof typed === "string" && typed.length <= 40 ? typed.replace(/[ \u00a0().-]/g, "") : ""
  return /^\+[1-9]\d{7,14}$/.test(number) ? number : undefined
}

function masked(number: string): string {
  return `${number.slice(0, 3)}…${number.slice(-2)}`
}
