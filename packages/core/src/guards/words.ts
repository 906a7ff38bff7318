import type { RuleRefusal } from "./rule.js"
import { refusalProblem } from "./verdict-of.js"

/** The host's own words for a "no": the sentence that the visitor reads, or more exactly what a script reads too. */
export type Words = string | RuleRefusal

/**
 * The refusal that says these words; `false`, in the realm's words, where there are none.
 * @throws TypeError for words that say nothing or would not reach anybody, when the rule is built
 */
export function refusalIn(words: Words | undefined, caller: string): false | RuleRefusal {
  if (words === undefined) return false
  const refusal = typeof words === "string" ? { message: words } : words
  const problem = problemOf(refusal)
  if (problem === undefined) return Object.freeze({ ...refusal })
  throw new TypeError(
    `${caller}: the words for its refusal: ${problem}. Write "Members only", or { message, reason }.`,
  )
}

function problemOf(words: unknown): string | undefined {
  if (typeof words !== "object" || words === null || Array.isArray(words)) return "they are no text"
  const { message, reason }: RuleRefusal = words
  if (message === "") return "its message is empty"
  if (typeof reason === "string" && !/^[a-z][a-z\d_]{0,63}$/.test(reason))
    return "its reason is no snake_case word"
  return refusalProblem(words)
}
