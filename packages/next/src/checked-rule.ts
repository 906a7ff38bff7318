import type { Rule } from "@mortise/core"

/**
 * The rule, for a principal of whichever claims. One whose name is misspelled in plain JavaScript is undefined, and would let in whoever is signed in.
 * @throws TypeError for what is no function
 */
export function checkedRule(rule: unknown): Rule<object> {
  if (typeof rule === "function") return rule as Rule<object>
  throw new TypeError("A rule is a function: (principal) => principal.claims.isSponsor.")
}
