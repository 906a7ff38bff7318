import type { AnyAuth, Auth, Rule } from "@mortise/core"
import { declareRule, guard, requiredMount, ruleOf } from "@mortise/core/binding"
import type { MiddlewareHandler } from "hono"
import { mountsOf, type PrincipalOf } from "./mounts.js"
import { respondOr } from "./respond.js"

/** Handlers behind `requireSession()` need not look for null: joined to `MortiseEnv`, `c.var.auth` is the signed-in user. */
export interface SignedIn {
  Variables: { auth: NonNullable<unknown> }
}

/**
 * Lets only signed-in users pass, and of these only whom the rule lets:
 * `requireSession<typeof auth>((principal) => principal.claims.isSponsor)`. Everybody else gets the realm's answer: a browser the way to
 * sign in, a script 401 or 403 as problem details. A rule that throws or answers anything but `true` refuses; a store that is down is 503.
 * @throws TypeError for a rule that is no function; Error, when a request comes, if `mortise()` does not stand before it
 */
export function requireSession<A extends AnyAuth = Auth>(
  ...given: [rule?: Rule<PrincipalOf<A>["claims"]>]
): MiddlewareHandler<SignedIn> {
  const rule = ruleOf(given)
  const middleware: MiddlewareHandler<SignedIn> = function requireSession(c, next) {
    const { auth, incoming, principal } = requiredMount(mountsOf(c), "requireSession()")
    const refused = guard(auth, principal, rule, incoming)
    // At once where nothing has to be waited for: a promise costs as much as the whole check.
    return refused === undefined ? next() : respondOr(c, refused, next)
  }
  return declareRule(middleware, rule ?? null)
}
