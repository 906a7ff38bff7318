import { andThen } from "../awaitable.js"
import type { Rule, Verdict } from "./rule.js"
import { verdictOf } from "./verdict-of.js"

/**
 * One rule that asks several, one after the other, until a verdict decides; where none does, the last one's stands. What comes after is not
 * asked. A part that is broken ends it there and then (see {@link verdictOf}): neither what came before nor what would come after
 * speaks for it.
 */
export function inOrder<C extends object>(
  rules: readonly Rule<C>[],
  decides: (verdict: Verdict) => boolean,
): Rule<C> {
  const asked = rules.map(
    (rule): Rule<C> =>
      (principal, request) =>
        verdictOf(rule, principal, request),
  )
  return asked.reduceRight(
    (rest, rule): Rule<C> =>
      (principal, request) =>
        andThen(rule(principal, request), (verdict) =>
          decides(verdict) ? verdict : rest(principal, request),
        ),
  )
}
