import type { AnyAuth, Auth, Awaitable, Incoming, Rule } from "@mortise/core"
import type { Context, MiddlewareHandler, Next } from "hono"
import { answer } from "./answer.js"
import { type PrincipalOf, requiredMount } from "./mounts.js"

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
  const [rule] = given
  // Not the same as none at all: a rule whose name is misspelled in plain JavaScript would let in whoever is signed in.
  if (given.length > 0 && typeof rule !== "function") {
    throw new TypeError("requireSession(rule): no function. Leave it out to let in whoever is signed in.")
  }
  return function requireSession(c, next) {
    const { auth, incoming, principal } = requiredMount(c, "requireSession()")
    try {
      const refused = auth.guard(principal, rule as Rule<object> | undefined, incoming)
      // At once where nothing has to be waited for: a promise costs as much as the whole check.
      return refused === undefined ? next() : answerOr(c, auth, incoming, refused, next)
    } catch (fault) {
      return Promise.resolve(answer(c, auth.answerFault(fault, incoming)))
    }
  }
}

async function answerOr(
  c: Context,
  auth: AnyAuth,
  incoming: Incoming,
  guarding: Awaitable<Response | undefined>,
  next: Next,
): Promise<Response | undefined> {
  try {
    const refused = await guarding
    if (refused) return answer(c, refused)
  } catch (fault) {
    return answer(c, auth.answerFault(fault, incoming))
  }
  await next()
  return undefined
}
