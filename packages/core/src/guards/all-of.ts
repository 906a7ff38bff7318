import { checkedRules } from "./checked-rule.js"
import { inOrder } from "./in-order.js"
import { namedRule, nameOf } from "./named-rule.js"
import type { Rule } from "./rule.js"

/**
 * Passes where every rule does. They are asked in order up to the first that refuses, whose words stand; so put first what costs nothing, and what
 * may be said to anybody. A rule that throws ends it: a refusal, or 503 where a store is down. Synchronous where all that were asked are.
 * @throws TypeError without a rule, or for one that is no function
 */
export function allOf<C extends object>(...rules: readonly NoInfer<Rule<C>>[]): Rule<C>
/** The same where nothing around the call says whose claims they are, as in a variable: its parts say it, and the host's own function names its types. */
export function allOf<C extends object>(...rules: readonly Rule<C>[]): Rule<C>
export function allOf<C extends object>(...rules: readonly Rule<C>[]): Rule<C> {
  const checked = checkedRules(rules, "allOf")
  const name = `allOf(${checked.map(nameOf).join(", ")})`
  return namedRule(
    name,
    inOrder(checked, (verdict) => verdict !== true),
  )
}
