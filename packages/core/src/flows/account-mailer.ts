import type { Context } from "../context.js"
import { misconfigured } from "../errors.js"
import type { AccountMail, SendAccountMail } from "../mail/account-mail.js"
import type { User } from "../stores/ports.js"
import { afterAnswer } from "./after-answer.js"
import type { FlowKit } from "./flow.js"

/** How a host mails its users about their accounts: the same in every flow that does. */
export interface AccountMailOptions<L extends string> {
  /** `resend()`, `smtp()`, `serviceBinding()`, or the host's own. */
  readonly send: SendAccountMail<NoInfer<L>>
  /** Languages of the host's, BCP 47 tags; the first is the default. Default `["en"]`. */
  readonly locales?: readonly [L, ...L[]]
  /** The language of a user; one that the host does not have means the default. Default: the default. */
  readonly localeOf?: (user: User) => NoInfer<L> | undefined
}

/** A mail as a flow says it; language, sending and failure are the mailer's. */
export type MailBody = Unaddressed<AccountMail>
type Unaddressed<Mail> = Mail extends unknown ? Omit<Mail, "to" | "locale"> : never

/** Mails one user, after the answer: what the visitor hears must not depend on it, nor how soon. */
export type AccountMailer = (user: User, mail: MailBody, context: Context, to?: string) => void

/** @throws ConfigError `ERR_CONFIG_MAIL`: no sender, or one that lacks a language */
export function accountMailer<L extends string>(
  flow: string,
  options: AccountMailOptions<L>,
): (kit: Pick<FlowKit<never>, "onFault">) => AccountMailer {
  const { localeOf, locales = ["en"], send } = options as unknown as AccountMailOptions<string>
  if (typeof send !== "function") {
    throw misconfigured("ERR_CONFIG_MAIL", `${flow}: send`, send, "smtp({ … }), or resend({ … })")
  }
  const { accountLocales: known = send.locales } = send
  const missing = locales.find((locale) => known && !known.includes(locale))
  if (missing !== undefined || locales.length === 0) {
    const write =
      missing === undefined ? '["en"]' : `accountTemplates: { ${missing}: … } of the sender for it`
    throw misconfigured("ERR_CONFIG_MAIL", `${flow}: locales`, missing, write)
  }
  const [usual] = locales as readonly [string, ...string[]]

  return ({ onFault }) =>
    function mailTo(user, body, context, to = user.email) {
      const write = async (): Promise<void> => {
        // A letter takes a part of a millisecond to write, which only those would wait for who have an account.
        await new Promise((resolve) => setTimeout(resolve))
        const liked = localeOf?.(user)
        const locale = liked !== undefined && locales.includes(liked) ? liked : usual
        await send({ ...body, to, locale } as AccountMail)
      }
      afterAnswer(write, context, onFault)
    }
}
