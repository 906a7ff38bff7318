import { type Awaitable, andThen } from "../awaitable.js"
import { misconfigured } from "../errors.js"
import type { GuardedRequest } from "../guarded-request.js"
import { judge, type Rule } from "../guards/rule.js"
import { type Refusal, refuse } from "../outcome.js"
import type { BareSessions, OpenedSession, Principal, Resumed } from "../sessions/session.js"
import { apiFront, type Grants, keptByHolder } from "./api-front.js"
import { isBelow, locator, rootOf } from "./areas.js"
import { bearerToken } from "./bearer-token.js"
import type { Boundary, BoundaryKit, RealmBoundary } from "./boundary.js"
import { createHandler, type HandlerSettings } from "./handler.js"
import { type Incoming, pathOf, wantsPage } from "./incoming.js"
import type { Route } from "./route.js"
import type { RouteTable } from "./route-table.js"

/** A realm with every option decided; `realm()` fills the defaults. */
export interface RealmSettings<C extends object> {
  readonly name: string
  readonly pages: string
  readonly api: string | undefined
  readonly rule: Rule<C> | undefined
  readonly signInRule: Rule<C> | undefined
  readonly open: readonly string[]
  readonly notSignedIn: "redirect" | "refuse"
  readonly grants: Grants | undefined
}

/** How far the clocks of two servers may be apart. */
const leewayMs = 30_000

/** Where a step comes from that is taken without HTTP. Another each time: rules keep what they loaded by the request. */
function nowhere(): GuardedRequest {
  return { method: "", target: "", header: () => undefined }
}

function isByHolder(request: GuardedRequest | undefined): boolean {
  return request !== undefined && bearerToken(request) !== undefined
}

/** Pages take a token from the header, else from the cookie; the API from the header alone. */
export function realmBoundary<C extends object>(
  settings: RealmSettings<C>,
  { bare, claims, clock, cookie, emit, given, schemes }: BoundaryKit<C>,
): Boundary<C> {
  const { api, grants, name, notSignedIn, open, pages, rule, signInRule = rule } = settings
  const areas = [
    { path: pages, credentials: ["bearer", "cookie"] as const },
    ...(api === undefined ? [] : [{ path: api, credentials: ["bearer"] as const }]),
  ]
  const locate = locator(
    areas.map(({ path }) => ({ path, open })),
    ({ path }, standing, depth) => ({ path, standing, depth }),
  )

  function isApi(incoming: Incoming): boolean {
    return api !== undefined && isBelow(pathOf(incoming.target), api)
  }

  /** A cookie counts in the pages' area alone, and there in the one spelling: what a router reads as the API is the API. */
  function tokenOf(incoming: Incoming): string | undefined {
    const presented = bearerToken(incoming)
    if (presented !== undefined) return presented
    const here = locate(incoming.target)
    return here?.path === pages && here.standing !== "misspelt"
      ? cookie.read(incoming.header("cookie"))
      : undefined
  }

  /** Who would be signed in, for the rule to judge: nothing of it is stored yet. */
  function admit(
    ...[user, methods, context]: Parameters<NonNullable<Boundary<C>["admit"]>>
  ): Awaitable<Refusal | undefined> {
    if (!signInRule) return undefined
    const now = clock()
    const { address = "", request = nowhere(), userAgent = "" } = context
    const instants = { createdAt: now, authenticatedAt: now, lastSeenAt: now, expiresAt: now }
    const session = { id: "", ...instants, absoluteExpiresAt: now, methods, address, userAgent }
    const principal = { userId: user.id, realm: name, claims: claims(user), session }
    return andThen(judge(principal, signInRule, request), (refused) => refused?.refusal)
  }

  /** As far as the library's own routes and steps go, whom the rule refuses is not signed in. */
  function belonging(
    principal: Principal<C> | undefined,
    request: GuardedRequest = nowhere(),
  ): Awaitable<Principal<C> | undefined> {
    if (!principal || !rule) return principal
    return andThen(judge(principal, rule, request), (refused) => (refused ? undefined : principal))
  }

  /** Whoever keeps the token itself knows when it ends: a grace period is for browsers. */
  const inTime: BareSessions<C>["read"] = (token, request) =>
    andThen(bare.read(token, request), (principal) =>
      principal && isByHolder(request) && clock() >= principal.session.expiresAt + leewayMs
        ? undefined
        : principal,
    )

  const read: BareSessions<C>["read"] = (token, request) =>
    andThen(inTime(token, request), (principal) => belonging(principal, request))

  const sessions: BareSessions<C> = {
    ...bare,
    read,
    resume: (token, request) =>
      andThen(resumed(token, request), (found) =>
        andThen(belonging(found?.principal, request), (principal) => principal && found),
      ),
    // Of a token that has just ended, too: that is what it is exchanged for.
    renew: async (token, context) =>
      (await belonging(await bare.read(token, context.request), context.request)) &&
      (await bare.renew(token, context)),
    rotate: async (token, context, proven) =>
      (await read(token, context.request)) && (await bare.rotate(token, context, proven)),
  }

  /** Whoever keeps the token itself gets no cookie in its place. */
  function resumed(token: string | undefined, request?: GuardedRequest): Awaitable<Resumed<C> | undefined> {
    if (!isByHolder(request)) return bare.resume(token, request)
    return andThen(inTime(token, request), (principal) => principal && { principal })
  }

  function challenge(incoming: Incoming): string {
    // RFC 6750 §3.1: whoever brought nothing is told no error.
    const error = bearerToken(incoming) === undefined ? "" : ', error="invalid_token"'
    const bearer = `${schemes ?? `Bearer realm="${name}"`}${error}`
    return isApi(incoming) ? bearer : `Cookie realm="${name}", ${bearer}`
  }

  function siteOf({ contextOf, problems }: HandlerSettings): RealmBoundary {
    return {
      areas,
      open,
      rule: rule?.name,
      cookie: { name: cookie.name, path: cookie.path },
      stores: given,
      at: locate,
      notFound: (incoming) => problems.refused(refuse("not_found"), incoming),
      async refuseForeign(userId, incoming) {
        await emit(contextOf(incoming), {
          type: "guard.refused",
          rule: "realm",
          cause: "wrong_realm",
          userId,
        })
        return problems.refused(refuse("forbidden"), incoming)
      },
    }
  }

  return {
    rule,
    sessions,
    resume: (incoming) => resumed(tokenOf(incoming), incoming),
    admit,
    tokenOf,
    isByHeader: isByHolder,
    isRedirected: (incoming) => notSignedIn === "redirect" && !isApi(incoming) && wantsPage(incoming),
    challenge,
    front(settings, routes) {
      const refused = settings.table.addresses.find(
        ({ path }) => !areas.some((area) => isBelow(path, area.path)),
      )
      if (refused)
        throw misconfigured("ERR_CONFIG_REALM", "basePath", refused.path, `basePath: "${rootOf(pages)}/auth"`)
      const own = (route: Route): Route => keptByHolder(ruleOnTheWay(route, bare, belonging))
      const { match } = settings.table
      const table: RouteTable = {
        ...settings.table,
        match(method, path) {
          const found = match(method, path)
          return "route" in found ? { ...found, route: own(found.route) } : found
        },
      }
      const pagesFront = { ...table, answer: createHandler({ ...settings, table }) }
      const front =
        api === undefined
          ? pagesFront
          : apiFront(pagesFront, settings, routes.map(own), { path: api, grants, isApi })
      return { ...front, site: siteOf(settings) }
    },
  }
}

/**
 * Whoever may not be here any more can still leave: of signing out the rule is not asked. What a strategy opens past `sessions`, for a refresh
 * token, is handed out to those only whom the rule lets in.
 */
function ruleOnTheWay<C extends object>(
  route: Route,
  { read }: BareSessions<C>,
  belonging: (principal: Principal<C>, request: GuardedRequest) => Awaitable<Principal<C> | undefined>,
): Route {
  if (route.name === "logout") {
    return { ...route, answer: (call) => route.answer({ ...call, sessions: { ...call.sessions, read } }) }
  }
  if (route.name !== "refresh") return route
  return {
    ...route,
    async answer(call) {
      const outcome = await route.answer(call)
      const opened = "opened" in outcome ? (outcome.opened as OpenedSession<C> | undefined) : undefined
      if (!opened || (await belonging(opened.principal, call.incoming))) return outcome
      return refuse("not_signed_in")
    },
  }
}
