// PostgreSQL's text and jsonb hold any Unicode but U+0000, and drivers turn an unpaired surrogate into
// U+FFFD on the way. What is looked up by equality must therefore not contain either: two different
// subjects of a provider would become one.

/** What takes the place of a character that cannot be stored. */
const replacement = "\ufffd"

/** Whether PostgreSQL stores exactly this text. What it cannot store it does not hold: "not found". */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text)
}

/** @throws RangeError for an identifier that could not be found again as it is */
export function requireStorable(name: string, text: string): void {
  if (isStorable(text)) return
  throw new RangeError(`${name} holds U+0000 or an unpaired surrogate, which PostgreSQL cannot store.`)
}

/** Text that is only shown, such as a User-Agent: what cannot be stored becomes U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll("\0", replacement)
}

/** JSON for a `jsonb` column; in its strings, too, what cannot be stored becomes U+FFFD. */
export function storableJson(value: unknown): string {
  // JSON.stringify escapes exactly U+0000 … U+001F, quote, backslash and unpaired surrogates. Escaped
  // backslashes are matched to be stepped over, so that the text `\\u0000` is not taken for an escape.
  return JSON.stringify(value).replace(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g, (found) =>
    found === "\\\\" ? found : replacement,
  )
}
