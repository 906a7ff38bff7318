import type { AnyAuth, Authentication, Rule } from "@mortise/core"
import { guard } from "@mortise/core/binding"
import type { NextRequest } from "next/server.js"
import { type AuthSource, authOf, type PrincipalOf } from "./auth-source.js"
import { checkedRule } from "./checked-rule.js"
import { type AddressOptions, incomingOf } from "./incoming.js"
import { responseOf, withCookies } from "./responses.js"

/** What a guarded handler may be told besides. */
export interface GuardOptions<A extends AnyAuth> extends AddressOptions {
  /** The host's own condition on who may pass; anything but `true` refuses. */
  readonly rule?: Rule<PrincipalOf<A>["claims"]>
}

/** A route handler that runs for signed-in users only. */
export type GuardedHandler<A extends AnyAuth, Context> = (
  request: NextRequest,
  principal: PrincipalOf<A>,
  context: Context,
) => Response | Promise<Response>

/**
 * A route handler behind a guard of its own: 401 for a visitor, 403 where the rule refuses or another site sent the request (CSRF), 503 where a
 * store is down, each as problem details; a browser that navigates is sent to the sign-in page. The answer is
 * for this user alone: `private, no-store` unless the handler says otherwise. What it throws is Next's to answer.
 * @throws TypeError for a rule that is no function
 */
export function withSession<A extends AnyAuth, Context = unknown>(
  source: AuthSource<A>,
  handler: GuardedHandler<A, Context>,
  options: GuardOptions<A> = {},
): (request: NextRequest, context: Context) => Promise<Response> {
  const rule = "rule" in options ? checkedRule(options.rule) : undefined
  return async function guarded(request, context) {
    const auth = await authOf(source)
    const incoming = incomingOf(request, options)
    let loaded: Authentication<object>
    try {
      loaded = await auth.authenticate(incoming)
    } catch (fault) {
      return responseOf(auth.answerFault(fault, incoming), request.url)
    }
    const { principal, setCookie } = loaded
    const refused = await guard(auth, principal, rule, incoming)
    const response = refused
      ? responseOf(refused, request.url)
      : await handler(request, principal as PrincipalOf<A>, context)
    // A copy: the headers of Response.redirect() cannot be changed.
    const answer = new Response(response.body, response)
    if (!answer.headers.has("cache-control")) answer.headers.set("cache-control", "private, no-store")
    return withCookies(answer, setCookie)
  }
}
