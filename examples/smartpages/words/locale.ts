/** The languages of SmartPages; the first one is for whoever speaks none of them. */
export const locales = ["en", "de"] as const

/** One of them, as in paths (`/de/login`), in mails and in the customers table. */
export type Locale = (typeof locales)[number]

/** Whether a text names one of ours. */
export function isLocale(text: unknown): text is Locale {
  return locales.some((locale) => locale === text)
}

/** The language that a path begins with: `/de/dashboard` is German, `/imprint` is nothing. */
export function localeOfPath(path: string): Locale | undefined {
  const first = path.split(/[/?#]/, 2)[1]
  return isLocale(first) ? first : undefined
}
