import type { FlowDefinition } from "../../src/index.js"
import type { AccountMail } from "../../src/mail/account-mail.js"
import {
  emailCode,
  type MfaFlow,
  type MfaOptions,
  type MfaSlots,
  mfa,
  recoveryCodes,
  type SmsCode,
  smsCode,
  totp,
} from "../../src/mfa.js"

/** What the host's senders were handed. */
export interface Sent {
  readonly mails: AccountMail[]
  readonly messages: SmsCode[]
}

/** Second factors of every kind that needs no authenticator. */
export function secondFactors(
  sent: Sent,
  options: Partial<Omit<MfaOptions<"en">, "factors">> = {},
): FlowDefinition<MfaSlots, MfaFlow> {
  return mfa({
    factors: [
      totp({ issuer: "Example & Sons" }),
      smsCode({
        appName: "Example",
        async send(message) {
          sent.messages.push(message)
        },
      }),
      emailCode(),
      recoveryCodes(),
    ],
    async send(mail) {
      sent.mails.push(mail)
    },
    ...options,
  })
}

export function noneSent(): Sent {
  return { mails: [], messages: [] }
}
