import { type Awaitable, andThen } from "./awaitable.js"
import { systemClock } from "./clock.js"
import type { Context } from "./context.js"
import { secretRing } from "./crypto/secret-ring.js"
import { misconfigured } from "./errors.js"
import type { AuthEvent, EventBody } from "./events.js"
import type { FlowKit, Hear } from "./flows/flow.js"
import { type Answer, toResponse } from "./http/answer.js"
import type { Body } from "./http/body.js"
import type { Front, RealmBoundary, RealmDefinition } from "./http/boundary.js"
import { sessionCookie } from "./http/cookies.js"
import { logFault } from "./http/fault-log.js"
import type { Gate } from "./http/guard.js"
import { createHandler, type HandlerSettings } from "./http/handler.js"
import { type Incoming, incomingOf, pathOf } from "./http/incoming.js"
import { fromTrustedOrigin, ownOrigin } from "./http/origin-check.js"
import { problems, type Reasons, reasons } from "./http/problem.js"
import { returnPath } from "./http/return-path.js"
import type { FlowDefinition, Pages, SessionStrategy, Site } from "./http/route.js"
import { pathIn, type RouteAddress, routeTable } from "./http/route-table.js"
import { sessionRoutes } from "./http/routes/session-routes.js"
import { clientAddress } from "./limits/client-address.js"
import type { AuthOptions, Flows } from "./options.js"
import { type Outcome, refuse } from "./outcome.js"
import type { Claims, JsonObject, Principal, Sessions, SignInTicket } from "./sessions/session.js"
import { checkedStores } from "./stores/checked-stores.js"
import type { SlotName, Stores, User } from "./stores/ports.js"

/** Who a request comes from, and what the answer must carry. */
export interface Authentication<C extends object = Claims> {
  /** The signed-in user; undefined for a visitor. */
  readonly principal: Principal<C> | undefined
  /** `Set-Cookie` values that the answer must carry, each as its own header. */
  readonly setCookie: readonly string[]
}

/** The steps of every flow, under the host's names. */
export type StepsOf<F extends Flows> = {
  readonly [Name in keyof F]: F[Name] extends FlowDefinition<SlotName, infer Steps> ? Steps : never
}

/** One realm, assembled and frozen. */
export interface Auth<F extends Flows = Flows, C extends object = Claims> {
  readonly realm: string
  /** The same steps that the routes take, without HTTP: `auth.flows.password.signIn({ email, password }, context)`. */
  readonly flows: StepsOf<F>
  readonly sessions: Sessions<C>
  readonly users: UserAdministration
  /** Every route that `handle` answers, as data. */
  readonly routes: readonly RouteAddress[]
  /** Which paths the realm has, and what is asked there; undefined for a realm that is a mere name, which asks nothing but in its guards. */
  readonly boundary: RealmBoundary | undefined
  /** Whether a path, with or without its query, is the library's to answer. */
  owns(target: string): boolean
  /**
   * Answers the library's own routes, for hosts that speak `fetch`; never rejects. `peerAddress` is the socket's other end, `waitUntil` keeps
   * a Worker awake for mail that is sent after the answer.
   */
  handle(request: Request, peerAddress?: string, waitUntil?: Context["waitUntil"]): Promise<Response>
  /**
   * The same for a binding, which has no `Request` at hand; never rejects. `bodyOf` is called at most once, and only if a body is wanted;
   * it throws if the body is gone.
   */
  answer(incoming: Incoming, bodyOf: () => Body): Promise<Answer>
  /**
   * Loads the session of a request: one store round trip, none without a well-formed token. Says who it is, and asks no rule, the realm's own
   * neither: whether they may pass says `guard()`. Rejects with StoreError, throws nothing.
   */
  authenticate(incoming: Incoming): Awaitable<Authentication<C>>
  /** The session token in a request's cookie, for steps that take a {@link Context}. */
  contextOf(incoming: Incoming): Context
  /** What `guard(auth, principal, rule, incoming)` of `@mortise/core/guard` works with. */
  readonly gate: Gate
  /** The answer to a fault that a binding caught: 503 for a store that is down. */
  answerFault(fault: unknown, incoming: Incoming): Answer
}

/** An `Auth` of any flows and claims, as bindings take it. What its claims are, only the host knows. */
export type AnyAuth = Auth<Flows, object>

/** What an administrator does to accounts. */
export interface UserAdministration {
  /** Disables the account: every session ends at once, and every sign-in under way fails. Refusal: `not_found`. */
  disable(userId: string, context?: Context): Promise<Outcome>
  /** Lets the user sign in again. Refusal: `not_found`. */
  enable(userId: string, context?: Context): Promise<Outcome>
  /**
   * Ends what still says what the user was allowed before: every session of every realm, and every sign-in under way. For roles that a host
   * changed where sessions carry them (`claims`). Answers how many ended.
   */
  permissionsChanged(userId: string, context?: Context): Promise<number>
}

const defaultPages: Pages = {
  signIn: "/sign-in",
  register: "/register",
  home: "/",
  signedOut: "/",
  account: "/account",
  devices: "/devices",
  link: "/link-account",
}

/**
 * Assembles one realm out of flows, sessions and stores.
 * @throws ConfigError for everything that is wrong with the options; the message says what to write instead
 */
export function createAuth<
  const F extends Flows,
  S extends SessionStrategy,
  Given extends Partial<Stores>,
  C extends JsonObject<C> = Record<never, never>,
>(options: AuthOptions<F, S, Given, C>): Auth<F, C> {
  const origin = ownOrigin(options.origin)
  const given = options.realm ?? "default"
  // A name alone has no paths and no rule.
  const { build, name }: Partial<RealmDefinition<C>> = typeof given === "string" ? { name: given } : given
  const realm = realmName(name)
  const secrets = secretRing(options.secret)
  const clock = options.clock ?? systemClock
  const cookie = sessionCookie(options.cookie ?? {}, realm)
  refuseForeignDomain(options.cookie?.domain, origin)
  const pages = ownPages(options.pages ?? {}, origin)
  const trustedProxies = proxyCount(options.trustedProxies ?? 0)
  const trusted = options.trustedOrigins ?? []
  const trustedOrigins = new Set([origin, ...trusted.map((one) => ownOrigin(one, "trustedOrigins"))])
  const onFault = neverThrowing(options.onFault ?? logFault)
  const { basePath = cookie.path.replace(/\/?$/, "/auth"), paths = {} } = options

  const needed = new Set<SlotName>([
    ...options.sessions.needs,
    ...Object.values(options.flows).flatMap((flow) => flow.needs),
  ])
  // Every slot in `needed` is there from here on, which no type can say of a record checked at run time.
  const stores = checkedStores(options.stores ?? {}, needed, secrets) as Stores
  const { audit }: Partial<Stores> = stores
  const claims = (user: User): C =>
    plainObject((options.claims as ((user: User) => C) | undefined)?.(user) ?? {}) as C

  const base = { realm, origin, clock, stores, secrets, claims, emit }
  const strategy = options.sessions.build<C>(base)
  const bare = strategy.sessions
  const boundary = build?.({ ...base, bare, cookie, given: options.stores, schemes: strategy.schemes })
  const tokenOf = boundary?.tokenOf ?? ((incoming: Incoming) => cookie.read(incoming.header("cookie")))
  const resume = boundary?.resume ?? ((incoming: Incoming) => bare.resume(tokenOf(incoming), incoming))
  const sessions: Sessions<C> = { ...(boundary?.sessions ?? bare), open }
  const heardBy = new Set<Hear>()
  const kit: FlowKit<SlotName> = {
    ...base,
    sessions,
    heardBy,
    onFault,
    opens: (credential, user) => built.some((flow) => flow.opens(credential, user)),
    secondFactor: () => secondFactor,
  }
  const site: Site = {
    origin,
    pages,
    cookie,
    pathOf: ({ name, path }) => pathIn(basePath, paths[name] ?? path),
  }
  const built = Object.values(options.flows).map((flow) => flow.build(kit, site))
  const secondFactor = built.find((flow) => flow.secondFactor)?.secondFactor
  const routes = [...sessionRoutes, ...strategy.routes, ...built.flatMap((flow) => flow.routes)]
  const table = routeTable(routes, basePath, paths)
  const known: Reasons = Object.assign(
    { __proto__: null },
    reasons,
    strategy.reasons,
    ...built.map((flow) => flow.reasons),
  )
  const answers = problems(
    known,
    boundary?.challenge ??
      (() => `Cookie realm="${realm}"${strategy.schemes ? `, ${strategy.schemes}` : ""}`),
    options,
  )
  refuseUnreachable(table.addresses, cookie.path)
  const gate: Gate & Site = {
    ...site,
    problems: answers,
    contextOf,
    boundary,
    emit,
    clock,
    heardBy,
    secondFactor,
    refuseForeign,
    answerFault,
  }
  const settings: HandlerSettings = {
    ...gate,
    table,
    cookies: [cookie, ...built.flatMap((flow) => flow.cookies ?? [])],
    sessions,
    unfit: strategy.unfit,
  }
  const front: Front = boundary?.front(settings, routes) ?? {
    ...table,
    answer: createHandler(settings),
  }

  /** Listener and audit are awaited: what cannot be recorded does not happen quietly, it fails. */
  async function emit(context: Context, body: EventBody): Promise<void> {
    const at = clock()
    const { address = "", userAgent = "" } = context
    const event: AuthEvent = { realm, at, address, userAgent, ...body }
    for (const hear of heardBy) hear(body, context)
    await options.on?.(event)
    // Whoever is nobody leaves no line there: anybody could fill it.
    if (body.type !== "guard.refused" || body.userId) await audit?.append({ at, event })
  }

  /** The one door of every flow. The realm's rule is asked last, since its answer says something of the account. */
  async function open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): ReturnType<Sessions<C>["open"]> {
    const refused =
      (await secondFactor?.ask(ticket, user, methods, context)) ??
      (await boundary?.admit(user, methods, context))
    if (refused) return refused
    const session = await bare.open(ticket, user, methods, context)
    return session ? { ok: true, session } : refuse("conflict")
  }

  /** Who asks, from where: the client address only from the host's own proxies, the token only from the realm's cookie. */
  function contextOf(incoming: Incoming): Context {
    return {
      address: clientAddress(incoming.peerAddress, incoming.header("x-forwarded-for"), trustedProxies),
      userAgent: incoming.header("user-agent")?.slice(0, 256),
      token: tokenOf(incoming),
      request: incoming,
      waitUntil: incoming.waitUntil,
    }
  }

  function refuseForeign(incoming: Incoming): Promise<Answer> | undefined {
    if (boundary?.isByHeader(incoming) || fromTrustedOrigin(incoming, trustedOrigins)) return undefined
    return emit(contextOf(incoming), { type: "request.cross_origin", path: pathOf(incoming.target) }).then(
      () => answers.refused(refuse("cross_origin"), incoming),
    )
  }

  function answerFault(fault: unknown, incoming: Incoming): Answer {
    onFault(fault)
    return answers.failed(fault, incoming)
  }

  function authenticate(incoming: Incoming): Awaitable<Authentication<C>> {
    try {
      return andThen(resume(incoming), (found) => ({
        principal: found?.principal,
        setCookie: found?.token === undefined ? [] : [cookie.set(found.token, sessions.maxAge)],
      }))
    } catch (fault) {
      return Promise.reject(fault)
    }
  }

  /** Sessions end before anything else can fail; a write that rejects may have taken effect, so then they end too. */
  async function setDisabled(userId: string, disabled: boolean, context: Context = {}): Promise<Outcome> {
    let user: User | string = "unknown"
    try {
      user = await stores.users.update(userId, { disabledAt: disabled ? clock() : null })
    } finally {
      if (disabled && user !== "absent") await sessions.endAll(userId, "disabled", context)
    }
    if (typeof user === "string") return refuse("not_found")
    await emit(context, { type: disabled ? "user.disabled" : "user.enabled", userId })
    return { ok: true }
  }

  return Object.freeze<Auth<F, C>>({
    realm,
    boundary: front.site,
    flows: Object.freeze(
      Object.fromEntries(Object.keys(options.flows).map((name, index) => [name, built[index]?.steps])),
    ) as StepsOf<F>,
    sessions,
    users: {
      disable: (userId, context) => setDisabled(userId, true, context),
      enable: (userId, context) => setDisabled(userId, false, context),
      permissionsChanged: (userId, context = {}) => sessions.endAll(userId, "permissions_changed", context),
    },
    routes: front.addresses,
    owns: front.owns,
    answer: front.answer,
    handle: async (request, peerAddress, waitUntil) =>
      toResponse(await front.answer(incomingOf(request, peerAddress, waitUntil), () => request.body as Body)),
    authenticate,
    contextOf,
    gate,
    answerFault,
  })
}

/** A log that is full must not keep a visitor from an answer. */
function neverThrowing(listener: (fault: unknown) => void): (fault: unknown) => void {
  return function report(fault) {
    try {
      listener(fault)
    } catch {}
  }
}

function plainObject(claims: object): object {
  if (typeof claims === "object" && !Array.isArray(claims) && !("then" in claims)) return claims
  throw new TypeError("claims must be a plain object.")
}

/** A browser drops a cookie for a domain that its page is not in (RFC 6265 §5.3): nobody would stay signed in. */
function refuseForeignDomain(domain: string | undefined, origin: string): void {
  const { hostname } = new URL(origin)
  if (domain !== undefined && !`.${hostname}`.endsWith(`.${domain}`))
    throw misconfigured("ERR_CONFIG_COOKIE", "cookie.domain", domain, `"${hostname}", or a domain above it`)
}

/** A browser sends the cookie below its path only: elsewhere a sign-out would end nothing. */
function refuseUnreachable(addresses: readonly RouteAddress[], cookiePath: string): void {
  const below = cookiePath.replace(/\/?$/, "/")
  if (addresses.every(({ path }) => path.startsWith(below))) return
  throw misconfigured("ERR_CONFIG_COOKIE", "cookie.path", cookiePath, `basePath: "${below}auth" beside it`)
}

function realmName(realm = ""): string {
  if (/^[a-z][a-z\d-]{0,31}$/.test(realm)) return realm
  throw misconfigured("ERR_CONFIG_REALM", "realm", realm, 'a lower-case name, as "admin"')
}

function proxyCount(count: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= 16) return count
  throw misconfigured("ERR_CONFIG_PROXY", "trustedProxies", count, "how many are yours: 0, 1, 2")
}

function ownPages(given: Partial<Pages>, origin: string): Pages {
  for (const [name, page] of Object.entries(given)) {
    if (page && page === returnPath(page, origin) && !page.includes("#")) continue
    throw misconfigured("ERR_CONFIG_PATH", `pages.${name}`, page, 'a path, as "/sign-in"')
  }
  return { ...defaultPages, ...given }
}
