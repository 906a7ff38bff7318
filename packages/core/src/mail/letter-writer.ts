import { canonicalEmail } from "../email-address.js"
import { MailError, misconfigured } from "../errors.js"
import { parseUrl } from "../parse-url.js"
import type { MagicLinkMail } from "./magic-link-mail.js"
import type { MailContent, MailHost, MailTemplate } from "./mail-template.js"
import { isOneLine, oneLine } from "./one-line.js"
import { de } from "./templates/de.js"
import { en } from "./templates/en.js"

/** The locales that need no template of the host's. */
export type BuiltInLocale = "en" | "de"

/** A template each: those of the built-in locales may be replaced, those of all others must be here. */
export type MailTemplates<Added extends string = never, M = unknown> = Readonly<
  Partial<Record<BuiltInLocale, MailTemplate<M>>>
> &
  Readonly<Record<Added, MailTemplate<M>>>

/** What every sender that writes mails itself must know. */
export interface LetterOptions<Added extends string = never, M = unknown> {
  /** The name that the users know the host by. It stands in subject and text. */
  readonly appName: string
  /** In place of the built-in ones, and for further locales: `{ fr: … }`. */
  readonly templates?: MailTemplates<Added, M>
  /** IANA name of the time zone in which mails say until when they are valid. Default `"UTC"`. */
  readonly timeZone?: string
}

/** A mail that may be sent: one checked address, one line of subject, two texts. */
export interface Letter extends MailContent {
  readonly to: string
}

/** Turns what a mail says into a letter. */
export interface LetterWriter<L extends string = string, M = unknown> {
  readonly locales: readonly L[]
  /**
   * @throws MailError `invalid`: for a locale without a template, an address that is not canonical, a link that is none, or a template that
   * answers no content; and whatever a template of the host's throws
   */
  write(mail: MagicLinkMail<L, M>): Promise<Letter>
}

/**
 * What the senders are built on, and a host's own: picks the template of a mail's locale and checks what goes in and comes out.
 * @throws ConfigError `ERR_CONFIG_MAIL`
 */
export function letterWriter<Added extends string = never, M = unknown>(
  options: LetterOptions<Added, M>,
): LetterWriter<BuiltInLocale | NoInfer<Added>, M> {
  const { appName, timeZone = "UTC" } = options
  if (!isOneLine(appName)) throw misconfigured("ERR_CONFIG_MAIL", "appName", appName, '"My App", on one line')
  if (!isTimeZone(timeZone)) throw misconfigured("ERR_CONFIG_MAIL", "timeZone", timeZone, '"Europe/Berlin"')
  const host: MailHost = { appName, timeZone }
  const templates = new Map<string, MailTemplate<M>>(Object.entries({ en, de, ...options.templates }))
  for (const [locale, template] of templates) {
    if (typeof template === "function") continue
    throw misconfigured("ERR_CONFIG_MAIL", `templates.${locale}`, template, "a function, or leave it out")
  }

  return {
    locales: [...templates.keys()] as (BuiltInLocale | Added)[],
    async write(mail) {
      const template = templates.get(mail.locale)
      if (!template) throw new MailError("invalid", "locale")
      if (canonicalEmail(mail.to) !== mail.to) throw new MailError("invalid", "address")
      if (!isWebAddress(mail.url)) throw new MailError("invalid", "link")
      const { subject, text, html }: MailContent = Object(await template(mail, host))
      if (![subject, text, html].every((part) => typeof part === "string" && part !== "")) {
        throw new MailError("invalid", "template")
      }
      return { to: mail.to, subject: oneLine(subject), text, html }
    },
  }
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
