import type { AnyAuth, Authentication, Rule } from "@mortise/core"
import { guard } from "@mortise/core/binding"
import { type NextRequest, NextResponse } from "next/server.js"
import { type AuthSource, authOf, type PrincipalOf } from "./auth-source.js"
import { checkedRule } from "./checked-rule.js"
import { type AddressOptions, incomingOf } from "./incoming.js"
import { responseOf, sentAfter, withCookies } from "./responses.js"

/** What stands before the pages. */
export interface ProxyOptions<A extends AnyAuth> extends AddressOptions {
  /**
   * Who may pass, by path: `{ "/desk": true, "/sponsors": ({ claims }) => claims.isSponsor }`. `true` is whoever is signed in. A path stands for all
   * below it as well; where several match, all must let pass.
   */
  readonly guards?: Readonly<Record<string, true | Rule<PrincipalOf<A>["claims"]>>>
  /**
   * How a request goes on that may. `headers` are what pages will read, with a refreshed cookie in them. Default:
   * `NextResponse.next({ request: { headers } })`; a host that rewrites, or sets headers of its own, does so here.
   */
  readonly onward?: (request: NextRequest, headers: Headers) => NextResponse
}

/**
 * For `proxy.ts` (`middleware.ts` before Next 16): loads the session of every request that the matcher lets through, keeps out whom the guards refuse, and
 * hands on a refreshed session both ways: to the browser, and to the page behind it. A store that is down is 503 right here. It is the first
 * line and not the only one: a page or route asks `getServerSession()` itself, or one hole in a matcher is a hole in the application.
 * @throws TypeError for a guard that is neither `true` nor a function
 */
export function sessionProxy<A extends AnyAuth>(
  source: AuthSource<A>,
  options: ProxyOptions<A> = {},
): (request: NextRequest) => Promise<Response> {
  const { onward = goOn } = options
  const guards = Object.entries(options.guards ?? {}).map(([path, rule]) => ({
    path: path.replace(/\/+$/, ""),
    rule: rule === true ? undefined : checkedRule(rule),
  }))

  return async function proxy(request) {
    const auth = await authOf(source)
    const incoming = incomingOf(request, options)
    const { pathname } = request.nextUrl
    const headers = new Headers(request.headers)
    // The library's routes load the session themselves, and would refresh it twice.
    if (auth.owns(incoming.target)) return onward(request, headers)
    let loaded: Authentication<object>
    try {
      loaded = await auth.authenticate(incoming)
    } catch (fault) {
      return responseOf(auth.answerFault(fault, incoming), request.url)
    }
    const { principal, setCookie } = loaded
    for (const { path, rule } of guards) {
      if (!isBelow(pathname, path)) continue
      const refused = await guard(auth, principal, rule, incoming)
      if (refused) return withCookies(responseOf(refused, request.url), setCookie)
    }
    for (const cookie of setCookie) headers.set("cookie", sentAfter(headers.get("cookie") ?? "", cookie))
    return withCookies(onward(request, headers), setCookie)
  }
}

function goOn(_request: NextRequest, headers: Headers): NextResponse {
  return NextResponse.next({ request: { headers } })
}

/** As Next's router reads a path: decoded. One that cannot be is below everything. */
function isBelow(pathname: string, path: string): boolean {
  try {
    return `${decodeURIComponent(pathname)}/`.startsWith(`${path}/`)
  } catch {
    return true
  }
}
