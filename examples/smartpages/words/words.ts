import { de } from "./de.js"
import { en, type WordKey } from "./en.js"
import type { Locale } from "./locale.js"

/** Every text of the pages in one language. */
export type Words = Readonly<Record<WordKey, string>>

const words: Readonly<Record<Locale, Words>> = { en, de }

/** The texts in a language. */
export function wordsIn(locale: Locale): Words {
  return words[locale]
}

/** Whether a text names a text, for markup that says which words belong into it. */
export function isWordKey(key: string | null): key is WordKey {
  return key !== null && Object.hasOwn(en, key)
}
