import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import { type AccountMailOptions, accountMailer } from "./flows/account-mailer.js"
import {
  type DeactivationSettings,
  type DeactivationSlots,
  type DeactivationSteps,
  deactivationSteps,
} from "./flows/deactivation/deactivation.js"
import type { DeactivationCalls } from "./http/calls.js"
import { ownPages } from "./http/own-pages.js"
import type { AccountPage } from "./http/pages/account-page.js"
import { type DeactivationWords, deactivationWords } from "./http/pages/deactivation-words.js"
import { type OwnWords, wordsOf } from "./http/pages/words.js"
import type { FlowDefinition, Pages } from "./http/route.js"
import { deactivationReasons, deactivationRoutes, reactivatePath } from "./http/routes/deactivation-routes.js"

/** What a host decides about users who deactivate their accounts. `L` are its languages. */
export interface DeactivationBaseOptions<L extends string> extends AccountMailOptions<L> {
  /** How long ago somebody may have proven who they are, to deactivate their account. Default `"10m"`. */
  readonly fresh?: Duration
  /** How long they can take it back. Default `"30d"`; afterwards an administrator can (`auth.users.enable`). */
  readonly lifetime?: Duration
  /** Where forms lead. Default: those of `createAuth`; once deactivated, to `signedOut`. */
  readonly pages?: Partial<Pick<Pages, "account" | "signIn"> & { readonly deactivated: string }>
  /** The host's own page behind the link: a whole document of HTML, with everything in the view escaped. Default: a plain one. */
  readonly page?: AccountPage<NoInfer<L>>
}

/** What a host decides about users who deactivate their accounts. */
export type DeactivationOptions<L extends string> = DeactivationBaseOptions<L> &
  OwnWords<NoInfer<L>, DeactivationWords> &
  ([L] extends ["en"] ? unknown : Pick<Required<DeactivationBaseOptions<L>>, "locales">)

/**
 * A user's own account, closed for a while: nobody is signed in to it and nobody gets in, until its owner follows the link in the mail.
 * @throws ConfigError here or from `createAuth`: `ERR_CONFIG_MAIL` for a sender that is missing or lacks a language, or a language without words;
 * `ERR_CONFIG_DURATION`, `ERR_CONFIG_PATH`
 */
export function deactivation<const L extends string = "en">(
  options: DeactivationOptions<L>,
): FlowDefinition<DeactivationSlots, DeactivationSteps, DeactivationCalls> {
  const { fresh = "10m", lifetime = "30d", localeOf, locales = ["en"] } = options
  const mailer = accountMailer("deactivation", options)
  const words = wordsOf<DeactivationWords>("deactivation", locales, deactivationWords, options.words)
  const decided = {
    fresh: seconds(fresh, "deactivation.fresh"),
    lifetimeMs: seconds(lifetime, "deactivation.lifetime") * 1000,
    refusals: { limit: 50, window: 600 },
  }
  return {
    needs: ["users", "challenges", "rateLimits"],
    build(kit, site) {
      const { account, signedOut, signIn } = site.pages
      const given = { account, signIn, deactivated: signedOut, ...options.pages }
      const pages = ownPages("deactivation", given, site.origin)
      const path = site.pathOf(reactivatePath)
      if (path.includes(":")) {
        throw misconfigured("ERR_CONFIG_PATH", "paths.accountReactivate", path, 'a path without ":"')
      }
      const settings: DeactivationSettings = {
        ...decided,
        audience: site.origin,
        url: site.origin + path,
      }
      const steps = deactivationSteps(kit, settings, mailer(kit))
      return {
        steps,
        routes: deactivationRoutes({
          ...{ steps, site, words, pages },
          localeOf: (user) => localeOf?.(user),
          page: options.page as AccountPage | undefined,
          onFault: kit.onFault,
        }),
        reasons: deactivationReasons,
        opens: () => false,
      }
    },
  }
}

export type { AccountMailOptions } from "./flows/account-mailer.js"
export type {
  DeactivationSlots,
  DeactivationSteps,
  ReactivationInput,
  ReactivationView,
} from "./flows/deactivation/deactivation.js"
export type { DeactivationCalls } from "./http/calls.js"
export type { AccountPage, AccountPageView, AccountQuestion } from "./http/pages/account-page.js"
export type { DeactivationWords } from "./http/pages/deactivation-words.js"
export type { AccountMail, SendAccountMail } from "./mail/account-mail.js"
