import type { Rule } from "./rule.js"

/** Registered under its name: a host that has two copies of core by accident still reads what the other one wrote. */
const key: unique symbol = Symbol.for("mortise.rule")

/** A middleware, as far as it is ours. */
interface Declaring {
  [key]?: Rule<object> | null
}

/**
 * Writes on a middleware which rule it guards by, so that a test can list what stands before each route of a host (`guardMatrix`). Null lets
 * in whoever is signed in. It is a label and guards nothing: no check of the library ever reads it.
 */
export function declareRule<Handler extends object>(handler: Handler, rule: Rule<never> | null): Handler {
  Object.defineProperty(handler, key, { value: rule })
  return handler
}

/** The rule that a middleware declares: null for whoever is signed in, undefined for a function that is no guard. */
export function declaredRule(handler: object): Rule<object> | null | undefined {
  const declaring: Declaring = handler
  return declaring[key]
}
