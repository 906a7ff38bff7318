import type { Awaitable } from "../awaitable.js"
import { canonicalEmail } from "../email-address.js"
import { MailError, misconfigured } from "../errors.js"
import { parseUrl } from "../parse-url.js"
import type { AccountMail } from "./account-mail.js"
import type { MagicLinkMail } from "./magic-link-mail.js"
import type { AccountTemplate, MailContent, MailHost, MailTemplate } from "./mail-template.js"
import { isOneLine, oneLine } from "./one-line.js"
import { accountDe } from "./templates/account-de.js"
import { accountEn } from "./templates/account-en.js"
import { de } from "./templates/de.js"
import { en } from "./templates/en.js"

/** The locales that need no template of the host's. */
export type BuiltInLocale = "en" | "de"

/** A template each: those of the built-in locales may be replaced, those of all others must be here. */
export type MailTemplates<Added extends string = never, M = unknown> = Readonly<
  Partial<Record<BuiltInLocale, MailTemplate<M>>>
> &
  Readonly<Record<Added, MailTemplate<M>>>

/** The same for mails about accounts. One for a built-in locale may answer undefined: then the built-in letter is sent. */
export type AccountTemplates<Added extends string = never> = Readonly<
  Partial<Record<BuiltInLocale, AccountTemplate<undefined>>>
> & { readonly [L in Added]: AccountTemplate<L extends BuiltInLocale ? undefined : never> }

/** What every sender that writes mails itself must know. */
export interface LetterOptions<
  Added extends string = never,
  M = unknown,
  AddedAccount extends string = never,
> {
  /** The name that the users know the host by. It stands in subject and text. */
  readonly appName: string
  /** In place of the built-in ones, and for further locales: `{ fr: … }`. */
  readonly templates?: MailTemplates<Added, M>
  /** The same for mails about accounts. */
  readonly accountTemplates?: AccountTemplates<AddedAccount>
  /** IANA name of the time zone in which mails say until when they are valid. Default `"UTC"`. */
  readonly timeZone?: string
}

/** A mail that may be sent: one checked address, one line of subject, two texts. */
export interface Letter extends MailContent {
  readonly to: string
}

/** Turns what a mail says into a letter. `L` and `A` are the locales of sign-in mails and of mails about accounts. */
export interface LetterWriter<L extends string = string, M = unknown, A extends string = L> {
  readonly locales: readonly L[]
  readonly accountLocales: readonly A[]
  /**
   * @throws MailError `invalid`: for a locale without a template, an address that is not canonical, a link that is none, a kind of mail that
   * the template does not know, or a template that answers no content; and whatever a template of the host's throws
   */
  write(mail: MagicLinkMail<L, M> | AccountMail<A>): Promise<Letter>
}

/**
 * What the senders are built on, and a host's own: picks the template of a mail's locale and checks what goes in and comes out.
 * @throws ConfigError `ERR_CONFIG_MAIL`
 */
export function letterWriter<Added extends string = never, M = unknown, AddedAccount extends string = never>(
  options: LetterOptions<Added, M, AddedAccount>,
): LetterWriter<BuiltInLocale | NoInfer<Added>, M, BuiltInLocale | NoInfer<AddedAccount>> {
  const { appName, timeZone = "UTC" } = options
  if (!isOneLine(appName)) throw misconfigured("ERR_CONFIG_MAIL", "appName", appName, '"My App", on one line')
  if (!isTimeZone(timeZone)) throw misconfigured("ERR_CONFIG_MAIL", "timeZone", timeZone, '"Europe/Berlin"')
  const host: MailHost = { appName, timeZone }
  const letters = byLocale<MailTemplate<M>>("templates", { en, de, ...options.templates })
  const accountLetters = byLocale<AccountTemplate<undefined>>("accountTemplates", {
    ...builtInAccountLetters,
    ...options.accountTemplates,
  })

  function signInLetter(mail: MagicLinkMail<string, M>): Writing {
    const template = found(letters, mail.locale)
    return () => template(mail, host)
  }

  /** The host's own letter, else the built-in one. */
  function accountLetter(mail: AccountMail): Writing {
    const template = found(accountLetters, mail.locale)
    return async () => (await template(mail, host)) ?? builtInAccountLetter(mail.locale)?.(mail, host)
  }

  return {
    locales: [...letters.keys()] as (BuiltInLocale | Added)[],
    accountLocales: [...accountLetters.keys()] as (BuiltInLocale | AddedAccount)[],
    async write(mail) {
      const template = "kind" in mail ? accountLetter(mail) : signInLetter(mail)
      if (canonicalEmail(mail.to) !== mail.to) throw new MailError("invalid", "address")
      if ("url" in mail && !isWebAddress(mail.url)) throw new MailError("invalid", "link")
      const { subject, text, html }: MailContent = Object(await template())
      if (![subject, text, html].every((part) => typeof part === "string" && part !== "")) {
        throw new MailError("invalid", "template")
      }
      return { to: mail.to, subject: oneLine(subject), text, html }
    },
  }
}

type Writing = () => Awaitable<MailContent | undefined>

const builtInAccountLetters: Readonly<Record<BuiltInLocale, AccountTemplate>> = {
  en: accountEn,
  de: accountDe,
}

function builtInAccountLetter(locale: string): AccountTemplate | undefined {
  return new Map(Object.entries(builtInAccountLetters)).get(locale)
}

/** @throws ConfigError `ERR_CONFIG_MAIL` */
function byLocale<Template>(
  option: string,
  templates: Readonly<Record<string, Template>>,
): ReadonlyMap<string, Template> {
  for (const [locale, template] of Object.entries(templates)) {
    if (typeof template === "function") continue
    throw misconfigured("ERR_CONFIG_MAIL", `${option}.${locale}`, template, "a function, or leave it out")
  }
  return new Map(Object.entries(templates))
}

/** @throws MailError */
function found<Template>(templates: ReadonlyMap<string, Template>, locale: string): Template {
  const template = templates.get(locale)
  if (!template) throw new MailError("invalid", "locale")
  return template
}

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(parseUrl(text)?.protocol ?? "")
}

function isTimeZone(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone }))
  } catch {
    return false
  }
}
