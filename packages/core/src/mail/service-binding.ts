import { type Duration, seconds } from "../duration.js"
import { ConfigError, MailError, misconfigured } from "../errors.js"
import type { AccountMail, SendAccountMail } from "./account-mail.js"
import type { MagicLinkMail, SendMagicLink } from "./magic-link-mail.js"
import type { SendMail } from "./send-mail.js"
import { withTimeLimit } from "./time-limit.js"

/** A sign-in mail as it crosses to another Worker; its locale goes beside it. Plain data. */
export type MagicLinkPayload<M = unknown> = Omit<MagicLinkMail<string, M>, "locale">

/** The same of a mail about an account. */
export type AccountMailPayload = WithoutLocale<AccountMail>
type WithoutLocale<Mail> = Mail extends unknown ? Omit<Mail, "locale"> : never

/** The other Worker: a service binding to a `WorkerEntrypoint` with this method. */
export interface MailerBinding<L extends string = string, M = unknown> {
  /** Resolves when the mail has left. A property, since methods are compared without regard to which side takes more (bivariance). */
  readonly sendMagicLink: (payload: MagicLinkPayload<M>, locale: L) => Promise<unknown>
}

/** The same of a Worker that sends mails about accounts. One `WorkerEntrypoint` may have both methods. */
export interface AccountMailerBinding<L extends string = string> {
  /** Resolves when the mail has left. */
  readonly sendAccountMail: (payload: AccountMailPayload, locale: L) => Promise<unknown>
}

/** What the Worker on this side may know of the other one. */
export interface ServiceBindingOptions<L extends string = string> {
  /** The locales that the mailer has templates for, so that a flow that offers another is refused at construction. Absent: all. */
  readonly locales?: readonly L[]
  /** Default `"20s"`: a Worker may work for 30 seconds after its answer has left. */
  readonly timeout?: Duration
}

/**
 * Has another Worker send, by remote procedure call: it has the templates and the key, and no way in from the internet. One call per mail. The
 * sender is for as much as the binding has methods for.
 * @throws ConfigError `ERR_CONFIG_MAIL`, `ERR_CONFIG_DURATION`. The sender rejects with MailError `unavailable` whatever the other
 * side threw, whose text would cross over (the exact cause is in its own log).
 */
export function serviceBinding<L extends string = string, M = unknown>(
  binding: MailerBinding<L, M> & AccountMailerBinding<L>,
  options?: ServiceBindingOptions<L>,
): SendMail<L, M>
export function serviceBinding<L extends string = string, M = unknown>(
  binding: MailerBinding<L, M>,
  options?: ServiceBindingOptions<L>,
): SendMagicLink<L, M>
export function serviceBinding<L extends string = string>(
  binding: AccountMailerBinding<L>,
  options?: ServiceBindingOptions<L>,
): SendAccountMail<L>
export function serviceBinding<L extends string, M>(
  binding: Partial<MailerBinding<L, M> & AccountMailerBinding<L>>,
  options: ServiceBindingOptions<L> = {},
): SendMail<L, M> {
  const { locales } = options
  // A real binding says of every name that it is a method.
  if (typeof (binding?.sendMagicLink ?? binding?.sendAccountMail) !== "function") {
    throw new ConfigError(
      "ERR_CONFIG_MAIL",
      "serviceBinding: there is no such binding. Write env.MAILER, and its name into the Worker's services.",
    )
  }
  if (locales !== undefined && !(Array.isArray(locales) && locales.every((one) => typeof one === "string"))) {
    throw misconfigured(
      "ERR_CONFIG_MAIL",
      "serviceBinding: locales",
      locales,
      '["en", "de"], or leave it out',
    )
  }
  const limit = seconds(options.timeout ?? "20s", "serviceBinding: timeout")

  const send: SendMail<L, M> = async (mail) => {
    await withTimeLimit(limit, call(binding, mail))
  }
  return locales === undefined ? send : Object.assign(send, { locales })
}

async function call<L extends string, M>(
  binding: Partial<MailerBinding<L, M> & AccountMailerBinding<L>>,
  mail: MagicLinkMail<L, M> | AccountMail<L>,
): Promise<void> {
  const { locale, ...payload } = mail
  try {
    if ("kind" in payload) {
      if (binding.sendAccountMail) return void (await binding.sendAccountMail(payload, locale))
    } else {
      if (binding.sendMagicLink) return void (await binding.sendMagicLink(payload, locale))
    }
  } catch {
    // Said below, as of a method that is not there.
  }
  throw new MailError("unavailable", "service_binding")
}
