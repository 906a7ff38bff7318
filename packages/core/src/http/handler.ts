import type { Seconds } from "../clock.js"
import type { Context } from "../context.js"
import { clientAddress } from "../limits/client-address.js"
import { type Refusal, refuse } from "../outcome.js"
import type { Sessions } from "../sessions/session.js"
import { readBody } from "./body.js"
import type { SessionCookie } from "./cookies.js"
import { type Incoming, incomingOf, wantsPage } from "./incoming.js"
import { fromTrustedOrigin } from "./origin-check.js"
import type { Problems } from "./problem.js"
import { returnPath, withQuery } from "./return-path.js"
import type { Grant, Pages, Route } from "./route.js"
import type { RouteTable } from "./route-table.js"

/** What the handler is made of. */
export interface HandlerSettings {
  readonly problems: Problems
  readonly origin: string
  /** Own origin and those that the host trusts. */
  readonly trustedOrigins: ReadonlySet<string>
  readonly trustedProxies: number
  readonly table: RouteTable
  readonly pages: Pages
  readonly cookie: SessionCookie
  readonly sessions: Sessions<object>
  readonly maxAge: Seconds
  readonly onCrossOrigin: (context: Context, path: string) => Promise<void>
  readonly onFault: (fault: unknown) => void
}

/** Answers the library's own routes. The order of the checks is the order of the lines. */
export function createHandler(
  settings: HandlerSettings,
): (request: Request, peer?: string) => Promise<Response> {
  const { table, cookie, pages, problems, sessions } = settings

  return async function handle(request: Request, peerAddress?: string): Promise<Response> {
    const incoming = incomingOf(request, peerAddress)
    const page = wantsPage(incoming)
    try {
      // 1 match
      const path = new URL(request.url).pathname
      const match = table.match(request.method, path)
      if ("ok" in match) return problems.refused(match, page)
      // 2 where it comes from
      const context = contextOf(incoming, cookie, settings.trustedProxies)
      if (!fromTrustedOrigin(incoming, settings.trustedOrigins)) {
        await settings.onCrossOrigin(context, path)
        return problems.refused(refuse("cross_origin"), page)
      }
      // 3 content type, size, syntax
      const body = match.route.method === "GET" ? noBody : await readBody(request)
      if (!body.ok) return problems.refused(body, page)
      // 4 shape, then the step, which begins with its throttles
      const { value, form } = body
      const outcome = await match.route.answer({ body: value, params: match.params, context, sessions })
      // 5 answer
      return form ? formResponse(outcome, match.route, returnTo(value)) : jsonResponse(outcome, page)
    } catch (fault) {
      settings.onFault(fault)
      return problems.failed(fault, page)
    }
  }

  function jsonResponse(outcome: Grant | Refusal, page: boolean): Response {
    if (!outcome.ok) return problems.refused(outcome, page)
    const headers = headersFor(outcome)
    return Response.json(outcome.json, { status: outcome.status ?? 200, headers })
  }

  /** 303 makes the browser GET the page, so that a reload posts nothing twice. */
  function formResponse(outcome: Grant | Refusal, route: Route, target: string | undefined): Response {
    const headers = headersFor(outcome)
    headers.set("location", outcome.ok ? grantedPage(outcome, target) : refusedPage(outcome, route, target))
    return new Response(null, { status: 303, headers })
  }

  function grantedPage(grant: Grant, target: string | undefined): string {
    if (grant.page === "home") return target ?? pages.home
    return withQuery(pages[grant.page], { notice: grant.notice, return_to: target })
  }

  function refusedPage(refusal: Refusal, route: Route, target: string | undefined): string {
    const name = refusal.reason === "not_signed_in" ? "signIn" : route.refusedPage
    const retry = refusal.retryAfter === undefined ? undefined : String(refusal.retryAfter)
    return withQuery(pages[name], { error: refusal.reason, retry_after: retry, return_to: target })
  }

  function headersFor(outcome: Grant | Refusal): Headers {
    const headers = new Headers({ "cache-control": "no-store" })
    if (!outcome.ok || outcome.cookie === undefined) return headers
    const { cookie: change } = outcome
    headers.append(
      "set-cookie",
      change === "clear" ? cookie.clear() : cookie.set(change.token, settings.maxAge),
    )
    return headers
  }

  function returnTo(value: unknown): string | undefined {
    if (typeof value !== "object" || value === null || !("return_to" in value)) return undefined
    return typeof value.return_to === "string" ? returnPath(value.return_to, settings.origin) : undefined
  }
}

const noBody = { ok: true, value: {}, form: false } as const

/** Who asks, from where: the client address only from the host's own proxies, the token only from the realm's cookie. */
export function contextOf(incoming: Incoming, cookie: SessionCookie, trustedProxies: number): Context {
  return {
    address: clientAddress(incoming.peerAddress, incoming.header("x-forwarded-for"), trustedProxies),
    userAgent: incoming.header("user-agent")?.slice(0, 256),
    token: cookie.read(incoming.header("cookie")),
  }
}
