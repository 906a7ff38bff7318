import type { Awaitable } from "../awaitable.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { Principal } from "../sessions/session.js"
import { nameOf } from "./named-rule.js"
import type { Rule, RuleRefusal, Verdict } from "./rule.js"

/**
 * What a part of a rule answers, at once where the part does. A part is one of three: it passes, it refuses, or it is broken: it throws, rejects
 * or answers what is no {@link Verdict}. What is broken always throws here, so that nothing made of it (its opposite least of all) can pass.
 * Whatever has a `then` is waited for, as a database driver's own promises.
 * @throws TypeError for an answer that is no verdict; besides whatever the rule throws
 */
export function verdictOf<C extends object>(
  rule: Rule<C>,
  principal: Principal<C>,
  request: GuardedRequest,
): Awaitable<Verdict> {
  const answer: unknown = rule(principal, request)
  return isThenable(answer)
    ? Promise.resolve(answer).then((late) => verdictIn(late, rule))
    : verdictIn(answer, rule)
}

/** Whatever `await` would wait for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"
}

/** What is wrong with a refusal's fields; undefined for one that is right. It has no other fields: an error or a row that was returned is none. */
export function refusalProblem(given: object): string | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in fields)) return `${JSON.stringify(name)} is no field of a refusal`
    if (value !== undefined && !fields[name as keyof RuleRefusal](value)) return `its ${name} will not do`
  }
  return Object.values(given).some((value) => value !== undefined) ? undefined : "it says nothing"
}

const isText = (value: unknown): boolean => typeof value === "string"

// No prototype: `constructor` is no field either.
const fields: Record<keyof RuleRefusal, (value: unknown) => boolean> = Object.assign(Object.create(null), {
  message: isText,
  reason: isText,
  status: (value: unknown) => value === 401 || value === 403 || value === 404,
})

function verdictIn(answer: unknown, rule: object): Verdict {
  if (typeof answer === "boolean" || isRefusal(answer)) return answer
  throw new TypeError(
    `${nameOf(rule)} answered neither true nor a refusal. Write false, or { message } or { reason }.`,
  )
}

function isRefusal(answer: unknown): answer is RuleRefusal {
  return (
    typeof answer === "object" &&
    answer !== null &&
    !Array.isArray(answer) &&
    refusalProblem(answer) === undefined
  )
}
