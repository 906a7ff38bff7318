import { type Duration, seconds } from "./duration.js"
import { misconfigured } from "./errors.js"
import {
  type Candidate,
  type MagicLinkSettings,
  type MagicLinkSlots,
  type MagicLinkSteps,
  magicLinkSteps,
} from "./flows/magic-link/magic-link.js"
import type { MagicLinkCalls } from "./http/calls.js"
import { sessionCookie } from "./http/cookies.js"
import type { LinkPage } from "./http/pages/link-page.js"
import { type LinkRefusal, type LinkWords, linkWords } from "./http/pages/link-words.js"
import { returnPath } from "./http/return-path.js"
import type { FlowDefinition, Pages, Site } from "./http/route.js"
import {
  confirmPath,
  type LocaleSettings,
  magicLinkReasons,
  magicLinkRoutes,
} from "./http/routes/magic-link-routes.js"
import type { Rate } from "./limits/rate-limit.js"
import type { BuiltInLocale } from "./mail/letter-writer.js"
import type { SendMagicLink } from "./mail/magic-link-mail.js"
import type { JsonObject } from "./sessions/session.js"
import type { Json } from "./stores/ports.js"

/** So many per window. */
export interface RateOptions {
  readonly limit: number
  readonly window: Duration
}

/** Words of the host's own: for languages that are not built in, required. */
export type WordsOption<L extends string> = [Exclude<L, BuiltInLocale>] extends [never]
  ? { readonly words?: Partial<Readonly<Record<L, LinkWords>>> }
  : {
      readonly words: Readonly<Record<Exclude<L, BuiltInLocale>, LinkWords>> &
        Partial<Readonly<Record<L, LinkWords>>>
    }

/** What a host decides about signing in by mail. `L` are its languages, `M` what of its own travels in a link. */
export interface MagicLinkBaseOptions<L extends string, M> {
  /** Mails the link: `resend()`, `smtp()`, `serviceBinding()`, or the host's own. */
  readonly send: SendMagicLink<NoInfer<L>, NoInfer<M>>
  /** Languages of the host, BCP 47 tags as its pages spell them. The first is the default. Default `["en"]`. */
  readonly locales?: readonly [L, ...L[]]
  readonly defaultLocale?: NoInfer<L>
  /** Pages in each language, each a path. Default: those of `createAuth`, the same for all. */
  readonly pages?: (locale: NoInfer<L>) => Partial<Pick<Pages, "signIn" | "home">>
  /** How long a link and its code are good, at most a day. Default `"10m"`. */
  readonly lifetime?: Duration
  /** Whether the mail has a code too, to be typed in the browser that asked: eight digits, or as many as are said here. Default false. */
  readonly code?: boolean | { readonly digits: 6 | 7 | 8 }
  /** Whether somebody new may come in, who has proven to read mail at the address. Default: everybody. */
  readonly admit?: (candidate: Candidate<NoInfer<L>, NoInfer<M>>) => boolean | Promise<boolean>
  /** What of a posted body travels in the link, and comes back to `admit`, `send` and `UserStore.create`: at most 1 KiB as JSON. Said by whoever asks, who need not own the mailbox. Default: nothing. */
  readonly metadata?: (body: Readonly<Record<string, unknown>>) => M
  /** The host's own page behind a link: a whole document of HTML, with everything in the view escaped. Default: a plain one. */
  readonly page?: LinkPage<NoInfer<L>>
  readonly limits?: {
    /** Mails per client address. Default 50 in ten minutes. */
    readonly network?: RateOptions
    /** Mails per e-mail address. Default 5 in a quarter of an hour. */
    readonly address?: RateOptions
    /** Mails to all aliases of one mailbox together: what follows a "+" makes one, and at Google a dot. Default 10 in an hour. */
    readonly mailbox?: RateOptions
    /** Codes tried per e-mail address, of each mail never more than five. Default 20 in an hour; of seven digits 20, of six 10 in a day. */
    readonly codes?: RateOptions
  }
}

/** What a host decides about signing in by mail. */
export type MagicLinkOptions<L extends string, M> = MagicLinkBaseOptions<L, M> &
  WordsOption<NoInfer<L>> &
  ([L] extends ["en"] ? unknown : Pick<Required<MagicLinkBaseOptions<L, M>>, "locales">) &
  (undefined extends M ? unknown : Pick<Required<MagicLinkBaseOptions<L, M>>, "metadata">)

/**
 * Sign-in by a link in a mail, and by a code in the same mail. As strong as the mailbox (AAL1). The link is signed and nothing about a person is
 * stored before it is confirmed; it is used once, lives ten minutes, and ends with whatever ends the user's sessions.
 * @throws ConfigError here or from `createAuth`: a sender that is missing or lacks a language, a language without words, pages that are no paths
 */
export function magicLink<
  const L extends string = "en",
  M extends (JsonObject<M> & object) | undefined = undefined,
>(
  options: MagicLinkOptions<L, M>,
): FlowDefinition<MagicLinkSlots, MagicLinkSteps<L, M>, MagicLinkCalls<L, M>> {
  refuseWrongOptions(options)
  const { defaultLocale, words } = languagesOf(options)
  const lifetime = seconds(options.lifetime ?? "10m", "magicLink.lifetime")
  if (lifetime > 86_400) throw wrong("lifetime", options.lifetime, '"10m", at most "24h"')
  const digits = digitsOf(options.code ?? false)
  const decided = {
    send: options.send as unknown as MagicLinkSettings["send"],
    lifetimeMs: lifetime * 1000,
    locales: [defaultLocale, ...words.map(([locale]) => locale)] as const,
    digits,
    admit: (options.admit ?? (() => true)) as MagicLinkSettings["admit"],
    rates: ratesOf(options.limits ?? {}, digits),
  }
  return {
    needs: ["users", "challenges", "rateLimits"],
    build(kit, site) {
      const confirmUrl = site.origin + site.pathOf(confirmPath)
      const steps = magicLinkSteps(kit, { ...decided, audience: site.origin, confirmUrl })
      const name = `__Host-${kit.realm === "default" ? "" : `${kit.realm}-`}magic-link`
      const cookie = sessionCookie({ name }, kit.realm)
      refuseConfusion(site, name)
      const routes = magicLinkRoutes({
        steps,
        site,
        cookie,
        lifetime,
        maxAge: kit.sessions.maxAge,
        locales: new Map(
          words.map(([locale, own]) => [locale, { words: own, pages: pagesOf(locale, options, site) }]),
        ),
        defaultLocale,
        page: options.page as LinkPage | undefined,
        onFault: kit.onFault,
        metadata: (options.metadata ?? (() => undefined)) as (body: object) => Json | undefined,
      })
      return {
        steps: steps as unknown as MagicLinkSteps<L, M>,
        routes,
        reasons: magicLinkReasons,
        // A mailbox is no credential: what of the user's own opens an account is other flows' to say.
        opens: () => false,
        cookies: [cookie],
      }
    },
  }
}

function languagesOf<L extends string, M>(
  options: MagicLinkOptions<L, M>,
): { defaultLocale: L; words: readonly (readonly [locale: L, words: LinkWords])[] } {
  const { send, locales = ["en"] as unknown as readonly [L] } = options
  if (!Array.isArray(locales) || locales.length === 0 || !locales.every(isLanguage)) {
    throw wrong("locales", locales, '["en", "de"]')
  }
  const { defaultLocale = locales[0] } = options
  if (!locales.includes(defaultLocale))
    throw wrong("defaultLocale", defaultLocale, `one of ${locales.join(", ")}`)
  const all: Readonly<Record<string, LinkWords>> = { ...linkWords, ...options.words }
  const words = locales.map((locale): readonly [L, LinkWords] => {
    const own = Object.hasOwn(all, locale) ? all[locale] : undefined
    if (!own || !isComplete(own)) throw wrong("words", undefined, `words: { ${locale}: { … } }`)
    if (send.locales && !send.locales.includes(locale)) {
      throw wrong("send", send.locales, `templates: { ${locale}: … } for it`)
    }
    return [locale, own]
  })
  return { defaultLocale, words }
}

/** What a host without a type checker, or an environment, may have got wrong. */
function refuseWrongOptions(
  options: { readonly [Name in keyof MagicLinkBaseOptions<string, unknown>]?: unknown } | undefined,
): void {
  if (typeof options?.send !== "function") {
    throw wrong("send", undefined, "resend({ … }), or smtp({ … })")
  }
  for (const name of ["pages", "admit", "metadata", "page"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw wrong(name, undefined, "a function")
    }
  }
}

/** Both would be set and cleared by one answer, and nobody would ever be signed in; a link is one address, without parameters. */
function refuseConfusion({ cookie, pathOf }: Site, name: string): void {
  if (cookie.name === name) throw misconfigured("ERR_CONFIG_COOKIE", "cookie.name", name, "another name")
  if (pathOf(confirmPath).includes(":")) {
    throw misconfigured(
      "ERR_CONFIG_PATH",
      "paths.magicLinkConfirm",
      pathOf(confirmPath),
      'a path without ":"',
    )
  }
}

/** Every word that the page may want is there. */
function isComplete(words: LinkWords): boolean {
  const { refused } = linkWords.en
  return (
    Object.keys(linkWords.en).every((name) => Object.hasOwn(words, name)) &&
    Object.keys(refused).every((reason) => typeof words.refused[reason as LinkRefusal] === "string")
  )
}

function isLanguage(tag: unknown): boolean {
  return typeof tag === "string" && /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(tag)
}

function pagesOf<L extends string, M>(
  locale: L,
  { pages }: MagicLinkBaseOptions<L, M>,
  site: Site,
): LocaleSettings["pages"] {
  const { signIn, home } = { ...site.pages, ...pages?.(locale) }
  for (const page of [signIn, home]) {
    if (page && page === returnPath(page, site.origin) && !page.includes("#")) continue
    throw misconfigured("ERR_CONFIG_PATH", `magicLink.pages("${locale}")`, page, 'a path, as "/de/sign-in"')
  }
  return { signIn, home }
}

function digitsOf(code: boolean | { readonly digits: number }): number | undefined {
  const digits = code === true ? 8 : code === false ? undefined : code?.digits
  if (code === false || [6, 7, 8].includes(digits as number)) return digits
  throw wrong("code", code, "true, or { digits: 6 }")
}

function ratesOf(
  { network, address, mailbox, codes }: NonNullable<MagicLinkBaseOptions<string, unknown>["limits"]>,
  digits: number | undefined,
): MagicLinkSettings["rates"] {
  // The fewer digits, the fewer tries: of one address a code is guessed within a year in one of 570 (8 digits), 1,370 (7) or 270 (6) cases.
  const tries: RateOptions =
    digits === 8 ? { limit: 20, window: "1h" } : { limit: digits === 7 ? 20 : 10, window: "1d" }
  return {
    network: rateOf("network", network ?? { limit: 50, window: "10m" }),
    address: rateOf("address", address ?? { limit: 5, window: "15m" }),
    mailbox: rateOf("mailbox", mailbox ?? { limit: 10, window: "1h" }),
    codes: rateOf("codes", codes ?? tries),
  }
}

function rateOf(name: string, { limit, window }: RateOptions): Rate {
  if (!Number.isSafeInteger(limit) || limit < 0) throw wrong(`limits.${name}.limit`, limit, "0 or more")
  return { limit, window: seconds(window, `magicLink.limits.${name}.window`) }
}

function wrong(option: string, value: unknown, write: string): Error {
  return misconfigured("ERR_CONFIG_MAGIC_LINK", `magicLink: ${option}`, value, write)
}

export type {
  ArrivedByLink,
  Candidate,
  ConfirmCodeInput,
  ConfirmLinkInput,
  LinkView,
  MagicLinkSlots,
  MagicLinkSteps,
  StartedLink,
  StartLinkInput,
} from "./flows/magic-link/magic-link.js"
export type { MagicLinkCalls } from "./http/calls.js"
export type { LinkPage, LinkPageView } from "./http/pages/link-page.js"
export type { LinkRefusal, LinkWords } from "./http/pages/link-words.js"
export type { BuiltInLocale } from "./mail/letter-writer.js"
export type { MagicLinkMail, SendMagicLink } from "./mail/magic-link-mail.js"
