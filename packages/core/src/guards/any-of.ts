import { checkedRules } from "./checked-rule.js"
import { inOrder } from "./in-order.js"
import { namedRule, nameOf } from "./named-rule.js"
import type { Rule } from "./rule.js"

/**
 * Passes where one of the rules does. They are asked in order up to the first that passes; where none does the last one's words stand, or those of
 * {@link explain} around it. A rule that throws ends it, whatever comes after: a refusal, or 503 where a store is down, for then nobody knows
 * whether to refuse. So put first what needs no store: whom that lets pass is let pass also while a store is down.
 * Synchronous where all that were asked are.
 * @throws TypeError without a rule, or for one that is no function
 */
export function anyOf<C extends object>(...rules: readonly NoInfer<Rule<C>>[]): Rule<C>
/** The same where nothing around the call says whose claims they are, as in a variable: its parts say it, and the host's own function names its types. */
export function anyOf<C extends object>(...rules: readonly Rule<C>[]): Rule<C>
export function anyOf<C extends object>(...rules: readonly Rule<C>[]): Rule<C> {
  const checked = checkedRules(rules, "anyOf")
  const name = `anyOf(${checked.map(nameOf).join(", ")})`
  return namedRule(
    name,
    inOrder(checked, (verdict) => verdict === true),
  )
}
