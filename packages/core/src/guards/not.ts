import { andThen } from "../awaitable.js"
import { checkedRules } from "./checked-rule.js"
import { namedRule, nameOf } from "./named-rule.js"
import type { Rule } from "./rule.js"
import { verdictOf } from "./verdict-of.js"
import { refusalIn, type Words } from "./words.js"

/**
 * Passes where the rule plainly refuses: answers `false`, or a refusal in words. One that throws, rejects or answers anything else is refused here
 * too, and 503 where a store is down: "nobody knows" is not turned into "yes". Synchronous where the rule is.
 * @throws TypeError for what is no function, or for words that say nothing
 */
export function not<C extends object>(rule: Rule<C>, words?: Words): Rule<C> {
  const [checked = rule] = checkedRules([rule], "not")
  const refusal = refusalIn(words, "not()")
  return namedRule(`not(${nameOf(checked)})`, (principal, request) =>
    andThen(verdictOf(checked, principal, request), (verdict) => (verdict === true ? refusal : true)),
  )
}
