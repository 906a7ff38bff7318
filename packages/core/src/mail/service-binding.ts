import { type Duration, seconds } from "../duration.js"
import { ConfigError, MailError, misconfigured } from "../errors.js"
import type { MagicLinkMail, SendMagicLink } from "./magic-link-mail.js"
import { withTimeLimit } from "./time-limit.js"

/** A mail as it crosses to another Worker; its locale goes beside it. Plain data. */
export type MagicLinkPayload<M = unknown> = Omit<MagicLinkMail<string, M>, "locale">

/** The other Worker: a service binding to a `WorkerEntrypoint` with this method. */
export interface MailerBinding<L extends string = string, M = unknown> {
  /** Resolves when the mail has left. A property, since methods are compared without regard to which side takes more (bivariance). */
  readonly sendMagicLink: (payload: MagicLinkPayload<M>, locale: L) => Promise<unknown>
}

/** What the Worker on this side may know of the other one. */
export interface ServiceBindingOptions<L extends string = string> {
  /** The locales that the mailer has templates for, so that a flow that offers another is refused at construction. Absent: all. */
  readonly locales?: readonly L[]
  /** Default `"20s"`: a Worker may work for 30 seconds after its answer has left. */
  readonly timeout?: Duration
}

/**
 * Has another Worker send, by remote procedure call: it has the templates and the key, and no way in from the internet. One call per mail.
 * @throws ConfigError `ERR_CONFIG_MAIL`, `ERR_CONFIG_DURATION`. The sender rejects with MailError `unavailable` whatever the other
 * side threw, whose text would cross over (the exact cause is in its own log).
 */
export function serviceBinding<L extends string = string, M = unknown>(
  binding: MailerBinding<L, M>,
  options: ServiceBindingOptions<L> = {},
): SendMagicLink<L, M> {
  const { locales } = options
  // A real binding says of every name that it is a method.
  if (typeof binding?.sendMagicLink !== "function") {
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

  const send: SendMagicLink<L, M> = async ({ locale, ...payload }) => {
    await withTimeLimit(limit, call(binding, payload, locale))
  }
  return locales === undefined ? send : Object.assign(send, { locales })
}

async function call<L extends string, M>(
  binding: MailerBinding<L, M>,
  payload: MagicLinkPayload<M>,
  locale: L,
): Promise<void> {
  try {
    await binding.sendMagicLink(payload, locale)
  } catch {
    throw new MailError("unavailable", "service_binding")
  }
}
