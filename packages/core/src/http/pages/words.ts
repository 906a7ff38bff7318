import { misconfigured } from "../../errors.js"
import type { BuiltInLocale } from "../../mail/letter-writer.js"
import type { Incoming } from "../incoming.js"
import { likedLocale } from "../liked-locale.js"

/** Words of the host's own: for languages that are not built in, required. */
export type OwnWords<L extends string, Words> = [Exclude<L, BuiltInLocale>] extends [never]
  ? { readonly words?: Partial<Readonly<Record<L, Words>>> }
  : {
      readonly words: Readonly<Record<Exclude<L, BuiltInLocale>, Words>> & Partial<Readonly<Record<L, Words>>>
    }

/**
 * The words of each of the host's languages, the default first.
 * @throws ConfigError `ERR_CONFIG_MAIL` for a language that lacks any of those that the built-in ones have
 */
export function wordsOf<Words extends object>(
  flow: string,
  locales: readonly string[],
  builtIn: Readonly<Record<BuiltInLocale, Words>>,
  own: Readonly<Record<string, Words | undefined>> = {},
): ReadonlyMap<string, Words> {
  const all: Readonly<Record<string, Words | undefined>> = { __proto__: null, ...builtIn, ...own } as never
  return new Map(
    locales.map((locale) => {
      const words = all[locale]
      if (words && isComplete(words, builtIn.en)) return [locale, words]
      throw misconfigured("ERR_CONFIG_MAIL", `${flow}: words`, locale, `words: { ${locale}: { … } }`)
    }),
  )
}

/** The words for whoever is reading: in the user's own language where one is known, else what the browser likes best, else the default. */
export function wordsFor<Words>(
  words: ReadonlyMap<string, Words>,
  incoming: Incoming,
  usersOwn?: string,
): readonly [locale: string, words: Words] {
  const liked = likedLocale(incoming, (locale) => words.has(locale), usersOwn)
  const [usual, ...others] = words
  const found = others.find(([locale]) => locale === liked) ?? usual
  if (!found) throw new TypeError("No language has words.")
  return found
}

function isComplete(words: unknown, model: unknown): boolean {
  if (typeof model === "string") return typeof words === "string"
  if (typeof words !== "object" || words === null) return false
  return Object.entries(Object(model)).every(([name, part]) => isComplete(Reflect.get(words, name), part))
}
