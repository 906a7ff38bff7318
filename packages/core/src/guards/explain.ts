import { andThen } from "../awaitable.js"
import { checkedRules } from "./checked-rule.js"
import { namedRule, nameOf } from "./named-rule.js"
import type { Rule } from "./rule.js"
import { verdictOf } from "./verdict-of.js"
import { refusalIn, type Words } from "./words.js"

/**
 * The same rule, refusing in the host's words: `explain(anyOf(isOwner, isEditor), "Owners and editors only")`. What they leave open stays as the rule
 * says it: `explain(fresh("5m"), "Please sign in again to pay")` still asks for a new sign-in. The name stays too.
 * @throws TypeError for what is no function, or for words that say nothing
 */
export function explain<C extends object>(rule: Rule<C>, words: Words): Rule<C> {
  const [checked = rule] = checkedRules([rule], "explain")
  const refusal = refusalIn(words, "explain()")
  return namedRule(nameOf(checked), (principal, request) =>
    andThen(verdictOf(checked, principal, request), (verdict) => {
      if (verdict === true) return true
      return verdict === false || refusal === false ? refusal : { ...verdict, ...refusal }
    }),
  )
}
