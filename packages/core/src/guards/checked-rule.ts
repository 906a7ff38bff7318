import type { Rule } from "./rule.js"

/**
 * The rules that another one is made of.
 * @throws TypeError for none at all, which would let everybody pass or nobody, and for one that is no function: in plain JavaScript a name that is
 * misspelled is `undefined`
 */
export function checkedRules<C extends object>(
  rules: readonly Rule<C>[],
  caller: string,
): readonly Rule<C>[] {
  if (rules.length === 0)
    throw new TypeError(`${caller}(): no rule. Name at least one: ${caller}(hasRole("admin")).`)
  const odd = rules.findIndex((rule) => typeof rule !== "function")
  if (odd === -1) return [...rules]
  throw new TypeError(
    `${caller}(): number ${odd + 1} is no function. Write a rule: hasRole("admin"), or your own function.`,
  )
}
