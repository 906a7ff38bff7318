import type { Context } from "../context.js"
import type { Refusal } from "../outcome.js"
import type { Sessions } from "../sessions/session.js"
import { type Answer, noStore, seeOther } from "./answer.js"
import { type Body, type FormFields, noBody, readBody } from "./body.js"
import type { SessionCookie } from "./cookies.js"
import { type Incoming, pathOf } from "./incoming.js"
import { cookieHeaders } from "./next-step.js"
import type { Problems } from "./problem.js"
import { returnPath, withQuery } from "./return-path.js"
import type { BuiltSessions, Grant, Pages, Route } from "./route.js"
import type { RouteTable } from "./route-table.js"

/** What the handler is made of. */
export interface HandlerSettings {
  readonly table: RouteTable
  readonly origin: string
  readonly pages: Pages
  readonly cookie: SessionCookie
  /** All that a sign-out clears: that one, and those of flows. */
  readonly cookies: readonly SessionCookie[]
  readonly sessions: Sessions<object>
  readonly problems: Problems
  /** See {@link BuiltSessions.unfit}. */
  readonly unfit: BuiltSessions<object>["unfit"]
  readonly contextOf: (incoming: Incoming) => Context
  /** The refusal of a request that comes from another site; undefined for one that does not. */
  readonly refuseForeign: (incoming: Incoming) => Promise<Answer> | undefined
  readonly answerFault: (fault: unknown, incoming: Incoming) => Answer
}

/** What a form post leads on to: the page of what was granted, or the one that asks for what is still missing. */
interface Onward extends Pick<Grant, "cookie" | "notice" | "setCookie"> {
  readonly page: string
}

/** Answers the library's own routes. The order of the checks is the order of the lines. */
export function createHandler(
  settings: HandlerSettings,
): (incoming: Incoming, bodyOf: () => Body) => Promise<Answer> {
  const { table, cookie, cookies, pages, problems, sessions } = settings

  return async function answer(incoming, bodyOf) {
    try {
      // 1 match
      const match = table.match(incoming.method, pathOf(incoming.target))
      if ("ok" in match) return problems.refused(match, incoming)
      // 2 where it comes from
      const foreign = match.route.crossSite ? undefined : await settings.refuseForeign(incoming)
      if (foreign) return foreign
      // 3 content type, size, syntax
      const body = match.route.method === "GET" ? noBody : await readBody(incoming, bodyOf)
      if (!body.ok) return problems.refused(body, incoming)
      // 4 shape, then the step, which begins with its throttles
      const context = settings.contextOf(incoming)
      const call = { body: body.value, params: match.params, incoming, context, sessions }
      const outcome = (await settings.unfit?.(incoming)) ?? (await match.route.answer(call))
      // 5 answer
      if (!("ok" in outcome)) return outcome
      if (body.form) return formAnswer(outcome, match.route, body.value)
      return outcome.ok ? jsonAnswer(outcome) : problems.refused(outcome, incoming)
    } catch (fault) {
      return settings.answerFault(fault, incoming)
    }
  }

  function jsonAnswer(grant: Grant): Answer {
    const headers = [...headersFor(grant), ["content-type", "application/json"] as const]
    return { status: grant.status ?? 200, headers, body: JSON.stringify(grant.json) }
  }

  /** 303 makes the browser GET the page, so that a reload posts nothing twice. */
  function formAnswer(outcome: Grant | Refusal, route: Route, fields: FormFields): Answer {
    const target = returnPath(fields["return_to"], settings.origin)
    const onward: Onward | undefined = outcome.ok ? outcome : outcome.next
    if (!onward) return seeOther(refusedPage(outcome as Refusal, route, target))
    const { notice, page } = onward
    return seeOther(
      page === "home" ? (target ?? pages.home) : withQuery(pageAt(page), { notice, return_to: target }),
      headersFor(onward),
    )
  }

  function refusedPage({ reason, retryAfter }: Refusal, route: Route, target: string | undefined): string {
    const page = reason === "not_signed_in" ? "signIn" : route.refusedPage
    return withQuery(pageAt(page), { error: reason, retry_after: retryAfter?.toString(), return_to: target })
  }

  function pageAt(page: string): string {
    return pages[page as keyof Pages] ?? page
  }

  function headersFor({ cookie: change, setCookie = [] }: Omit<Onward, "page">): Answer["headers"] {
    const values =
      change === "clear"
        ? cookies.map((each) => each.clear())
        : change?.token === undefined
          ? []
          : [cookie.set(change.token, sessions.maxAge)]
    return [noStore, ...cookieHeaders([...values, ...setCookie])]
  }
}
