import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import { type AccountMailOptions, accountMailer } from "./flows/account-mailer.js"
import { inTurn } from "./flows/password/in-turn.js"
import { type ResetSettings, resetSteps } from "./flows/password/reset.js"
import { toldOwner } from "./flows/password/told-owner.js"
import { sessionCookie } from "./http/cookies.js"
import { returnPath } from "./http/return-path.js"
import type { Site } from "./http/route.js"
import {
  passwordResetRoutes,
  type ResetPages,
  resetPath,
  resetReasons,
} from "./http/routes/password-reset-routes.js"
import { withPart } from "./http/with-part.js"
import type { Rate } from "./limits/rate-limit.js"
import type { PasswordReset } from "./password.js"

/** So many per window. */
interface RateOptions {
  readonly limit: number
  readonly window: Duration
}

/** What a host decides about forgotten passwords. `L` are its languages. */
export interface ResetByMailOptions<L extends string = "en"> extends AccountMailOptions<L> {
  /** How long a link is good, at most a day. Default `"30m"`. */
  readonly lifetime?: Duration
  /** Pages of the host's, each a path: `/forgot-password` with a form for the address, `/reset-password` with one for the new password. */
  readonly pages?: Partial<ResetPages>
  readonly limits?: {
    /** Mails that one client address asks for, and, counted apart, links that it tries. Default 50 in ten minutes. */
    readonly network?: RateOptions
    /** Mails per e-mail address. Default 5 in a quarter of an hour. */
    readonly address?: RateOptions
    /** Mails to all aliases of one mailbox together. Default 10 in an hour. */
    readonly mailbox?: RateOptions
  }
}

/**
 * Lets users who forgot their password choose another one, by a link in a mail: `password({ hasher, reset: resetByMail({ send }) })`. The link is
 * signed, stored nowhere, good for half an hour and once, and ends with whatever ends the user's sessions. Nobody is signed in by it. Users whose
 * address is proven are told by mail when their password was changed, or reset.
 * @throws ConfigError here or from `createAuth`: a sender that is missing or lacks a language, a lifetime or a limit out of bounds, pages that are no paths
 */
export function resetByMail<const L extends string = "en">(options: ResetByMailOptions<L>): PasswordReset {
  const mailer = accountMailer("resetByMail", options)
  const lifetime = seconds(options.lifetime ?? "30m", "resetByMail.lifetime")
  if (lifetime > 86_400) throw wrong("lifetime", options.lifetime, '"30m", at most "24h"')
  const rates = ratesOf(options.limits ?? {})
  return {
    needs: ["challenges"],
    inTurn: (kit) => toldOwner(inTurn(kit), kit, mailer(kit)),
    addTo(flow, kit, parts, site) {
      const pages = pagesOf(options.pages ?? {}, site)
      const cookie = cookieOf(kit.realm, site)
      const url = site.origin + site.pathOf(resetPath)
      const settings = { audience: site.origin, url, lifetimeMs: lifetime * 1000, rates }
      const steps = resetSteps(kit, parts, settings, mailer(kit))
      const routes = passwordResetRoutes({ steps, pages, cookie, clock: kit.clock })
      return withPart(flow, {
        steps: { ...steps, resetTokenOf: cookie.read },
        routes,
        reasons: resetReasons,
        cookies: [cookie],
      })
    },
  }
}

function cookieOf(realm: string, site: Site): ReturnType<typeof sessionCookie> {
  const name = `__Host-${realm === "default" ? "" : `${realm}-`}password-reset`
  if (site.cookie.name === name) throw misconfigured("ERR_CONFIG_COOKIE", "cookie.name", name, "another name")
  const path = site.pathOf(resetPath)
  // A link is one address, without parameters.
  if (path.includes(":")) {
    throw misconfigured("ERR_CONFIG_PATH", "paths.passwordReset", path, 'a path without ":"')
  }
  return sessionCookie({ name }, realm)
}

function pagesOf(
  { forgot = "/forgot-password", reset = "/reset-password" }: Partial<ResetPages>,
  { origin }: Site,
): ResetPages {
  for (const page of [forgot, reset]) {
    if (page === returnPath(page, origin) && !page.includes("#")) continue
    throw misconfigured("ERR_CONFIG_PATH", "resetByMail.pages", page, 'a path, as "/reset-password"')
  }
  return { forgot, reset }
}

function ratesOf({
  address = { limit: 5, window: "15m" },
  mailbox = { limit: 10, window: "1h" },
  network = { limit: 50, window: "10m" },
}: NonNullable<ResetByMailOptions["limits"]>): ResetSettings["rates"] {
  return {
    network: rateOf("network", network),
    address: rateOf("address", address),
    mailbox: rateOf("mailbox", mailbox),
  }
}

function rateOf(name: string, { limit, window }: RateOptions): Rate {
  if (!Number.isSafeInteger(limit) || limit < 0) throw wrong(`limits.${name}.limit`, limit, "0 or more")
  return { limit, window: seconds(window, `resetByMail.limits.${name}.window`) }
}

function wrong(option: string, value: unknown, write: string): Error {
  return misconfigured("ERR_CONFIG_LIMIT", `resetByMail: ${option}`, value, write)
}

export type { ResetFlow, ResetSteps, ResetView } from "./flows/password/reset.js"
export type { PasswordResetCalls } from "./http/calls.js"
export type { ResetPages } from "./http/routes/password-reset-routes.js"
export type { AccountMail, SendAccountMail } from "./mail/account-mail.js"
export type { PasswordReset } from "./password.js"
