import { isLocale, type Locale, localeOfPath, locales } from "../../../words/locale.js"

/**
 * The language for somebody of whom only the browser's wishes are known (`Accept-Language`, RFC 9110 section 12.5.4): the best liked one
 * that we have, else the first. Where they wanted to go decides before that.
 */
export function preferredLocale(acceptLanguage: string | undefined, target?: string | undefined): Locale {
  const wishes = (acceptLanguage ?? "").split(",").slice(0, 20).map(wishOf)
  const liked = wishes.filter(({ weight }) => weight > 0).sort((one, other) => other.weight - one.weight)
  return localeOfPath(target ?? "") ?? liked.map(({ language }) => language).find(isLocale) ?? locales[0]
}

function wishOf(text: string): { language: string; weight: number } {
  const [tag = "", parameter = ""] = text.split(";").map((part) => part.trim())
  const weight = /^q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)$/.exec(parameter)?.[1]
  return {
    language: tag.toLowerCase().split("-")[0] ?? "",
    weight: weight === undefined ? 1 : Number(weight),
  }
}
