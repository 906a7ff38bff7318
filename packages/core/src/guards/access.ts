import { type Awaitable, andThen } from "../awaitable.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { Principal } from "../sessions/session.js"
import { namedRule, quoted } from "./named-rule.js"
import { oncePerRequest } from "./request-memory.js"
import type { Rule } from "./rule.js"
import { refusalIn, type Words } from "./words.js"

/** What a user may enter: a yes or no to the one value that was asked for, or all values that are theirs. */
export type Access = boolean | readonly string[] | ReadonlySet<string>

/**
 * Passes who may enter what the path names: `access("storeCode", storesOf)` on `/store/:storeCode/dashboard`, where `storesOf` answers the
 * store codes of the user, or, for what cannot be listed, `access("documentId", (principal, _request, id) => isOwner(principal, id))`.
 * Values are compared exactly, as the framework decoded them. What must be waited for is asked once per request, principal and value. A parameter
 * that is missing, empty or no text refuses, also behind {@link not}, and so does an answer of another kind; whatever `load` throws is a
 * fault: 503. Synchronous where `load` is.
 * @throws TypeError for a parameter or a function that is none
 */
export function access<C extends object = object>(
  param: string,
  load: (principal: Principal<C>, request: GuardedRequest, value: string) => Awaitable<Access>,
  words?: Words,
): Rule<C> {
  if (typeof param !== "string" || !/^\w+$/.test(param)) {
    throw new TypeError('access(): no parameter. Write access("storeCode", storesOf) for /store/:storeCode.')
  }
  if (typeof load !== "function") {
    throw new TypeError(
      `access(): no function. Write access("${param}", (principal) => codesOf(principal.userId)).`,
    )
  }
  const refusal = refusalIn(words, "access()")
  const name = `access(${[quoted([param]), load.name].filter(Boolean).join(", ")})`
  const once = oncePerRequest(load, name, "late")
  return namedRule(name, (principal, request) => {
    const value = paramIn(request, param)
    return andThen(once(principal, request, value), (answer) => includes(answer, value) || refusal)
  })
}

/** What the framework has matched, whatever a binding in plain JavaScript hands on: a wildcard's list, or `constructor` of every object, is no text. */
function paramIn(request: GuardedRequest, name: string): string {
  const value: unknown = request.param?.(name)
  if (typeof value === "string" && value !== "") return value
  throw new TypeError(
    `access("${name}"): the request has no such parameter. Put the rule on a route with :${name}.`,
  )
}

function includes(answer: Access, value: string): boolean {
  if (typeof answer === "boolean") return answer
  if (Array.isArray(answer)) return answer.includes(value)
  if (answer instanceof Set) return answer.has(value)
  throw new TypeError(
    "access(): neither a boolean nor a list was answered. Write string[], a Set of strings, or true.",
  )
}
