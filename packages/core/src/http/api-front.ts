import { type Refusal, refuse } from "../outcome.js"
import type { OpenedSession, Principal } from "../sessions/session.js"
import type { Answer } from "./answer.js"
import { bearerToken } from "./bearer-token.js"
import type { Front } from "./boundary.js"
import type { SessionCookie } from "./cookies.js"
import { createHandler, type HandlerSettings } from "./handler.js"
import type { Incoming } from "./incoming.js"
import type { Call, Grant, Route } from "./route.js"
import { routeTable } from "./route-table.js"

/** What the host adds to the JSON of a sign-in at its API, or puts in the place of `user`. */
export type Grants = (principal: Principal<object>) => object | Promise<object>

/** What is there: no route that sends a browser on, or keeps something in it. */
const names: ReadonlySet<string> = new Set([
  ...["session", "logout", "sessions", "endSession", "endSessions", "refresh", "jwks"],
  ...["register", "login", "changePassword"],
])

interface ApiSettings {
  readonly path: string
  readonly grants: Grants | undefined
  readonly isApi: (incoming: Incoming) => boolean
}

/**
 * The library's routes once more below the API's path, for clients that send `Authorization: Bearer`: JSON in, JSON out, and a session that is
 * opened or renewed brings its token along. A sign-in that sends a browser around is not there.
 * @throws ConfigError `ERR_CONFIG_PATH`
 */
export function apiFront(
  own: Front,
  handler: HandlerSettings,
  routes: readonly Route[],
  { grants, isApi, path }: ApiSettings,
): Front {
  const { cookie } = handler
  const served = routes
    .filter(({ name }) => names.has(name))
    .map((route) => withToken(atApi(route, cookie), grants))
  const table = routeTable(served, `${path}/auth`, {})
  const answer = createHandler({ ...handler, table })

  return {
    addresses: [...own.addresses, ...table.addresses],
    owns: (target) => own.owns(target) || table.owns(target),
    async answer(incoming, bodyOf) {
      if (!isApi(incoming)) return own.answer(incoming, bodyOf)
      if (isForm(incoming)) return handler.problems.refused(refuse("unsupported_media_type"), incoming)
      return answer(askingForTokens(incoming), bodyOf)
    },
  }
}

/** A form is sent by any page of any site, and is answered with a page. */
function isForm(incoming: Incoming): boolean {
  return incoming.header("content-type")?.toLowerCase().includes("form") ?? false
}

/** Whoever signs in at an API keeps the tokens, where the strategy issues any: no cookie counts there. */
function askingForTokens(incoming: Incoming): Incoming {
  return {
    ...incoming,
    header: (name) => incoming.header(name) ?? (name === "mortise-session" ? "tokens" : undefined),
  }
}

/**
 * A sign-in ends the session in the cookie that it replaces, where a browser has sent one along. Whoever signs out does so with the token: a cookie
 * is cleared for its own session only.
 */
function atApi(route: Route, cookie: SessionCookie): Route {
  if (route.name === "logout") {
    return {
      ...route,
      answer: async (call) =>
        bearerToken(call.incoming) === undefined ? refuse("not_signed_in") : route.answer(call),
    }
  }
  if (route.name !== "login" && route.name !== "register") return route
  return {
    ...route,
    answer(call) {
      const token = call.context.token ?? cookie.read(call.incoming.header("cookie"))
      return route.answer({ ...call, context: { ...call.context, token } })
    },
  }
}

/** Whoever brought the token in a header keeps it: a new one is answered, and no cookie set. */
export function keptByHolder(route: Route): Route {
  const withTokens = withToken(route, undefined)
  return {
    ...route,
    async answer(call) {
      if (bearerToken(call.incoming) === undefined) return route.answer(call)
      const outcome = await withTokens.answer(call)
      return "ok" in outcome && outcome.ok && outcome.cookie !== "clear"
        ? { ...outcome, cookie: undefined }
        : outcome
    },
  }
}

function withToken(route: Route, grants: Grants | undefined): Route {
  return {
    ...route,
    async answer(call: Call<unknown>): Promise<Grant | Refusal | Answer> {
      const outcome = await route.answer(call)
      if (!("ok" in outcome) || !outcome.ok || !outcome.opened) return outcome
      const { opened } = outcome
      const json = { ...issuedBy(opened), ...outcome.json, ...(await grants?.(opened.principal)) }
      return { ...outcome, json }
    },
  }
}

/** RFC 6749 §5.1. A strategy that issues tokens of its own has named them already. */
function issuedBy({ issued, principal, token }: OpenedSession<object>): object {
  const { expiresAt, lastSeenAt } = principal.session
  return issued ?? { access_token: token, token_type: "Bearer", expires_in: (expiresAt - lastSeenAt) / 1000 }
}
