import type { AnyAuth, Awaitable, Rule } from "@mortise/core"
import type { RequestHandler } from "express"
import { proceed } from "./answer.js"
import { type Mount, requiredMount } from "./mounts.js"
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
  const [rule, options] = given
  // Not the same as none at all: a rule whose name is misspelled in plain JavaScript would let in whoever is signed in.
  if (given.length > 0 && typeof rule !== "function") {
    throw new TypeError("requireSession(rule): no function. Leave it out to let in whoever is signed in.")
  }
  return function requireSession(req, res, next) {
    proceed(answerOf(requiredMount(req, "requireSession()", options?.auth)), res, next)
  }

  function answerOf({ auth, incoming, principal }: Mount): Awaitable<Response | undefined> {
    try {
      // A rule expects the claims that the host's Register names.
      const answer = auth.guard(principal, rule as Rule<object> | undefined, incoming)
      return answer instanceof Promise
        ? answer.catch((fault: unknown) => auth.answerFault(fault, incoming))
        : answer
    } catch (fault) {
      return auth.answerFault(fault, incoming)
    }
  }
}
