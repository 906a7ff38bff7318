import type { AnyAuth, Rule } from "@mortise/core"
import { declareRule, guard, requiredMount, ruleOf } from "@mortise/core/binding"
import type { RequestHandler } from "express"
import { proceed } from "./answer.js"
import { mountsOf } from "./mounts.js"
import type { ClaimsOf, Register } from "./register.js"

/** What a guard may be told besides its rule. */
export interface GuardOptions {
  /** The realm whose users may pass, where several are mounted and it is not plain which is the innermost. */
  readonly auth?: AnyAuth
}

/**
 * Lets only signed-in users pass, and of these only whom the rule lets: `requireSession((principal) => principal.claims.isSponsor)`.
 * Everybody else gets the realm's answer: a browser the way to sign in, a script 401 or 403 as problem details. A rule that throws or
 * answers anything but `true` refuses; a store that is down is 503.
 * @throws TypeError for a rule that is no function; Error, when a request comes, if `mortise()` does not stand before it
 */
export function requireSession(
  ...given: [rule?: Rule<ClaimsOf<Register>>] | [rule: Rule<ClaimsOf<Register>>, options: GuardOptions]
): RequestHandler {
  const rule = ruleOf(given)
  const middleware: RequestHandler = function requireSession(req, res, next) {
    const { auth, incoming, principal } = requiredMount(mountsOf(req), "requireSession()", given[1]?.auth)
    proceed(guard(auth, principal, rule, incoming), res, next)
  }
  return declareRule(middleware, rule ?? null)
}
