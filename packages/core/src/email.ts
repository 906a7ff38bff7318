import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import { type AccountMailOptions, accountMailer } from "./flows/account-mailer.js"
import { afterAnswer } from "./flows/after-answer.js"
import {
  type EmailAction,
  type EmailSettings,
  type EmailSlots,
  type EmailSteps,
  emailSteps,
} from "./flows/email/email-address.js"
import type { FlowKit, Hear } from "./flows/flow.js"
import type { EmailCalls } from "./http/calls.js"
import { ownPages } from "./http/own-pages.js"
import type { AccountPage } from "./http/pages/account-page.js"
import { type EmailWords, emailWords } from "./http/pages/email-words.js"
import { type OwnWords, wordsOf } from "./http/pages/words.js"
import type { FlowDefinition, Pages, Site } from "./http/route.js"
import { emailPaths, emailReasons, emailRoutes } from "./http/routes/email-routes.js"
import { type RateOption, rateOf } from "./limits/rate-option.js"

/** What a host decides about its users' addresses. `L` are its languages. */
export interface EmailAddressBaseOptions<L extends string> extends AccountMailOptions<L> {
  /**
   * Whether everybody who registers with an address that nobody has proven yet is mailed a link that proves it, whatever flow they came by. Default
   * true; a host that wants another moment calls `requestVerification({ userId })` itself.
   */
  readonly verifyOnRegistration?: boolean
  /** How long ago somebody may have proven who they are, to change their address. Default `"10m"`. */
  readonly fresh?: Duration
  readonly lifetimes?: {
    /** Of the link that proves an address. Default `"24h"`. */
    readonly verification?: Duration
    /** Of the link that proves a new one. Default `"24h"`. */
    readonly change?: Duration
    /** Of the link to the old address that takes a change back. Default `"7d"`. */
    readonly undo?: Duration
  }
  /** Where forms lead. Default: those of `createAuth`. */
  readonly pages?: Partial<Pick<Pages, "account" | "signIn">>
  /** The host's own page behind a link: a whole document of HTML, with everything in the view escaped. Default: a plain one. */
  readonly page?: AccountPage<NoInfer<L>>
  readonly limits?: {
    /** Mails per client address. Default 50 in ten minutes. */
    readonly network?: RateOption
    /** Mails about one account. Default 5 in a quarter of an hour. */
    readonly user?: RateOption
    /** Mails to one address that is to become an account's. Default 5 in a quarter of an hour. */
    readonly address?: RateOption
  }
}

/** What a host decides about its users' addresses. */
export type EmailAddressOptions<L extends string> = EmailAddressBaseOptions<L> &
  OwnWords<NoInfer<L>, EmailWords> &
  ([L] extends ["en"] ? unknown : Pick<Required<EmailAddressBaseOptions<L>>, "locales">)

/**
 * Proof of a user's e-mail address, and its change: the new address is proven before it counts, the old one is told and can take the change back.
 * @throws ConfigError here or from `createAuth`: `ERR_CONFIG_MAIL` for a sender that is missing or lacks a language, or a language without words;
 * `ERR_CONFIG_DURATION`, `ERR_CONFIG_LIMIT`, `ERR_CONFIG_PATH`
 */
export function emailAddress<const L extends string = "en">(
  options: EmailAddressOptions<L>,
): FlowDefinition<EmailSlots, EmailSteps, EmailCalls> {
  const { fresh = "10m", lifetimes = {}, localeOf, locales = ["en"], verifyOnRegistration = true } = options
  const mailer = accountMailer("emailAddress", options)
  const words = wordsOf<EmailWords>("emailAddress", locales, emailWords, options.words)
  const decided = {
    fresh: seconds(fresh, "emailAddress.fresh"),
    lifetimesMs: lifetimesOf(lifetimes),
    rates: ratesOf(options.limits ?? {}),
  }
  return {
    needs: ["users", "challenges", "rateLimits"],
    build(kit, site) {
      const { account, signIn } = site.pages
      const pages = ownPages("emailAddress", { account, signIn, ...options.pages }, site.origin)
      const settings: EmailSettings = { ...decided, audience: site.origin, urls: urlsOf(site) }
      const steps = emailSteps(kit, settings, mailer(kit))
      if (verifyOnRegistration) kit.heardBy.add(verifyOnRegistering(steps, kit.onFault))
      return {
        steps,
        routes: emailRoutes({
          ...{ steps, site, words, pages },
          localeOf: (user) => localeOf?.(user),
          page: options.page as AccountPage | undefined,
          onFault: kit.onFault,
        }),
        reasons: emailReasons,
        opens: () => false,
      }
    },
  }
}

/** After the answer: how long it takes to find out whether somebody is new must not be seen. */
function verifyOnRegistering({ requestVerification }: EmailSteps, onFault: FlowKit<never>["onFault"]): Hear {
  return function hear(event, context) {
    if (event.type !== "user.registered") return
    const { userId } = event
    afterAnswer(() => requestVerification({ userId }, context), context, onFault)
  }
}

function urlsOf({ origin, pathOf }: Site): EmailSettings["urls"] {
  const urlOf = (action: EmailAction): string => {
    const path = pathOf(emailPaths[action])
    if (!path.includes(":")) return origin + path
    throw misconfigured("ERR_CONFIG_PATH", `paths.${emailPaths[action].name}`, path, 'a path without ":"')
  }
  return {
    "verify-email": urlOf("verify-email"),
    "confirm-email": urlOf("confirm-email"),
    "undo-email": urlOf("undo-email"),
  }
}

function lifetimesOf({
  change = "24h",
  undo = "7d",
  verification = "24h",
}: NonNullable<EmailAddressBaseOptions<string>["lifetimes"]>): EmailSettings["lifetimesMs"] {
  return {
    "verify-email": seconds(verification, "emailAddress.lifetimes.verification") * 1000,
    "confirm-email": seconds(change, "emailAddress.lifetimes.change") * 1000,
    "undo-email": seconds(undo, "emailAddress.lifetimes.undo") * 1000,
  }
}

function ratesOf({
  address = { limit: 5, window: "15m" },
  network = { limit: 50, window: "10m" },
  user = { limit: 5, window: "15m" },
}: NonNullable<EmailAddressBaseOptions<string>["limits"]>): EmailSettings["rates"] {
  return {
    network: rateOf("emailAddress.limits.network", network),
    user: rateOf("emailAddress.limits.user", user),
    address: rateOf("emailAddress.limits.address", address),
  }
}

export type { AccountMailOptions } from "./flows/account-mailer.js"
export type {
  EmailAction,
  EmailLinkInput,
  EmailLinkView,
  EmailSlots,
  EmailSteps,
} from "./flows/email/email-address.js"
export type { EmailCalls } from "./http/calls.js"
export type { AccountPage, AccountPageView, AccountQuestion } from "./http/pages/account-page.js"
export type { AccountLinkRefusal, EmailWords } from "./http/pages/email-words.js"
export type { RateOption } from "./limits/rate-option.js"
export type { AccountMail, SendAccountMail } from "./mail/account-mail.js"
