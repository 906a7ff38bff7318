import type { AnyAuth } from "./auth.js"
import type { Awaitable } from "./awaitable.js"
import { ConfigError, misconfigured } from "./errors.js"
import type { Rule } from "./guards/rule.js"
import type { Answer } from "./http/answer.js"
import type { Grants } from "./http/api-front.js"
import { isBelow, locator, rootOf } from "./http/areas.js"
import { bearerToken } from "./http/bearer-token.js"
import type { RealmBoundary, RealmDefinition, Standing } from "./http/boundary.js"
import { guard } from "./http/guard.js"
import type { Incoming } from "./http/incoming.js"
import { realmBoundary } from "./http/realm-boundary.js"
import type { Claims, Principal } from "./sessions/session.js"

/** Where a realm is, and who may be there. */
export interface RealmOptions<C extends object> {
  /** Lower-case letters, digits and "-". */
  readonly name: string
  /** Everything at and below this path takes `Authorization: Bearer`, else the realm's cookie. Default: the cookie's path. */
  readonly pages?: string
  /**
   * Everything at and below this path takes `Authorization: Bearer` alone, and so needs no defence against other sites. The library's routes are
   * there once more, below `auth`, in JSON. Default: there is no API.
   */
  readonly api?: string
  /** Whom the realm lets in: judged in every request of its areas, and at the library's own routes. Default: whoever is signed in to it. */
  readonly rule?: Rule<C>
  /** The same before a session opens, whatever the flow, when all else was right. Default: `rule`. */
  readonly signInRule?: Rule<C>
  /** What needs no session in the areas: exact paths, or `/store/assets/*` for all that is below. Default: nothing but the library's routes. */
  readonly open?: readonly string[]
  /** What a browser without a session gets: `"redirect"` (default) to `pages.signIn`, or `"refuse"`: 401 and the `problemPage`. */
  readonly notSignedIn?: "redirect" | "refuse"
  /** What the JSON of a sign-in at the API says besides `access_token`, or in the place of `user` and `session`. */
  readonly grants?: (principal: Principal<C>) => object | Promise<object>
}

/** Where a target lies. */
export interface Place {
  readonly auth: AnyAuth
  readonly standing: Standing
  /** How many segments the area's path has: a realm counts there before one that is mounted further out. */
  readonly depth: number
  /** What everybody must pass where it is `guarded`; of what is `misspelt` the refusal. As `guard()`, and a token of another realm is refused as such. */
  admit(principal: Principal<object> | undefined, incoming: Incoming): Awaitable<Answer | undefined>
}

/** Several realms beside each other on one host. */
export interface Realms<
  R extends { readonly [name: string]: AnyAuth } = { readonly [name: string]: AnyAuth },
> {
  /** Each realm under the host's own name for it. */
  readonly realms: R
  /** The realm of a target, or undefined for what is public. */
  find(target: string): Place | undefined
  /** What is allowed where, as data: a row per area, the deepest path first. */
  readonly table: readonly RealmArea[]
}

/** One area of one realm. */
export interface RealmArea {
  readonly realm: string
  readonly path: string
  readonly credentials: readonly ("bearer" | "cookie")[]
  /** The cookie's name, where one counts. */
  readonly cookie: string | undefined
  /** The name of the rule that everybody must pass; undefined: whoever is signed in. */
  readonly rule: string | undefined
  /** Paths that need no session. */
  readonly open: readonly string[]
}

/**
 * A realm with paths and a rule of its own, for `createAuth({ realm: realm({ name: "store", … }) })`. All that is in its areas needs a session of
 * this realm that passes the rule, unless `open` names it: deny by default. Where `grants` or a rule written in place looks at the claims, their
 * type is named: `realm<StoreClaims>({ … })`.
 * @throws ConfigError `ERR_CONFIG_REALM`
 */
export function realm<C extends object = Claims>(options: RealmOptions<C>): RealmDefinition<C> {
  const { api, name, notSignedIn = "redirect", open = [], pages } = options
  if (pages !== undefined) refuseUnfitPath("pages", pages)
  if (api !== undefined) refuseUnfitPath("api", api)
  for (const one of ["rule", "signInRule", "grants"] as const) {
    if (options[one] !== undefined && typeof options[one] !== "function") {
      throw wrong(one, options[one], 'a function, as hasRole("admin")')
    }
  }
  if (!["redirect", "refuse"].includes(notSignedIn)) {
    throw wrong("notSignedIn", notSignedIn, '"redirect" or "refuse"')
  }
  return {
    name,
    build(kit) {
      const settings = {
        ...{ name, api, open, notSignedIn, pages: pages ?? (rootOf(kit.cookie.path) || "/") },
        ...{ rule: options.rule, signInRule: options.signInRule },
        grants: options.grants as Grants | undefined,
      }
      if (api !== undefined && isBelow(settings.pages, api))
        throw wrong("pages", settings.pages, `a path outside of "${api}"`)
      refuseUnreachable(settings.pages, kit.cookie.path)
      const paths = [settings.pages, ...(api === undefined ? [] : [api])]
      refuseTwice(paths)
      for (const one of open) refuseOutside(one, paths)
      return realmBoundary(settings, kit)
    },
  }
}

/**
 * Routes each request to the realm in whose area its path lies, and makes everything else public. A target that only some would read as lying in
 * an area is 404. In the header a valid token of another realm is recognized and refused with 403; it never becomes a principal. Mounted with
 * `mortise(site)`.
 * @throws ConfigError `ERR_CONFIG_REALM`
 */
export function realms<const R extends { readonly [name: string]: AnyAuth }>(given: R): Realms<R> {
  const auths = Object.values(given)
  const bounded = Object.entries(given).map(([name, auth]) => boundedOf(name, auth))
  const areas = bounded.flatMap((one) => one.boundary.areas.map((area) => ({ ...one, ...area })))
  refuseTwice(areas.map(({ path }) => path))
  refuseSameNames(bounded)
  refuseHalfShared(bounded)
  refuseUnequalFactors(bounded)
  const find = locator(
    areas.map((area) => ({ ...area, open: area.boundary.open })),
    (area, standing, depth): Place => ({
      ...{ auth: area.auth, standing, depth },
      admit: (principal, incoming) =>
        standing === "misspelt"
          ? area.boundary.notFound(incoming)
          : admitAmong(auths, area, principal, incoming),
    }),
  )

  return Object.freeze({
    realms: given,
    find,
    table: areas
      .map(({ auth: { realm }, boundary, credentials, path }) => ({
        ...{ realm, path, credentials, rule: boundary.rule },
        cookie: credentials.includes("cookie") ? boundary.cookie.name : undefined,
        open: boundary.open.filter((one) => isBelow(one, path)),
      }))
      .sort((one, other) => other.path.length - one.path.length),
  })
}

/** Of a token in the header that the realm does not know, the others are asked: what is good there is no credential here. */
function admitAmong(
  all: readonly AnyAuth[],
  { auth, boundary }: Bounded,
  principal: Principal<object> | undefined,
  incoming: Incoming,
): Awaitable<Answer | undefined> {
  const token = principal ? undefined : bearerToken(incoming)
  if (!token) return guard(auth, principal, undefined, incoming)
  const others = all.filter((other) => other !== auth)
  return ownerOf(token, others, incoming)
    .then((foreign) =>
      foreign
        ? boundary.refuseForeign(foreign.userId, incoming)
        : guard(auth, undefined, undefined, incoming),
    )
    .catch((fault: unknown) => auth.answerFault(fault, incoming))
}

/** In whose realm the token is good. */
async function ownerOf(
  token: string,
  auths: readonly AnyAuth[],
  incoming: Incoming,
): Promise<Principal<object> | undefined> {
  for (const { sessions } of auths) {
    const principal = await sessions.read(token, incoming)
    if (principal) return principal
  }
  return undefined
}

/** An `Auth` that has paths. */
interface Bounded {
  readonly auth: AnyAuth
  readonly boundary: RealmBoundary
}

function boundedOf(name: string, auth: AnyAuth): Bounded {
  if (auth.boundary) return { auth, boundary: auth.boundary }
  throw new ConfigError(
    "ERR_CONFIG_REALM",
    `realms: "${name}" has no paths. Write createAuth({ realm: realm({ name: "${name}", … }) }).`,
  )
}

function refuseUnfitPath(option: string, path: string): void {
  if (/^\/(?:[\w\-.~]+(?:\/[\w\-.~]+)*)?$/.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path)) return
  throw wrong(option, path, 'a path, as "/store"')
}

/** A browser sends the cookie below its path only. */
function refuseUnreachable(pages: string, cookiePath: string): void {
  if (isBelow(pages, cookiePath)) return
  throw wrong("pages", pages, `cookie: { path: "${pages}" } beside it, or a path below "${cookiePath}"`)
}

function refuseTwice(paths: readonly string[]): void {
  const folded = paths.map((path) => rootOf(path).toLowerCase())
  const twice = paths.find((_, index) => folded.indexOf(folded[index] as string) !== index)
  if (twice !== undefined) throw wrong("pages", twice, "a path that is no other area's")
}

function refuseOutside(open: string, areas: readonly string[]): void {
  refuseUnfitPath("open", open.replace(/\/\*$/, "") || "/")
  if (areas.some((area) => isBelow(open, area))) return
  throw wrong("open", open, `a path below ${areas.join(" or ")}; everything else is public`)
}

/** Sessions and cookies are told apart by them. */
function refuseSameNames(all: readonly Bounded[]): void {
  const names = all.map(({ auth }) => auth.realm)
  if (new Set(names).size < names.length) throw wrong("realms", names, "a name of its own for each")
  const cookies = all.map(({ boundary }) => boundary.cookie)
  for (const [index, { name, path }] of cookies.entries()) {
    const rivals = cookies.slice(index + 1).filter((other) => other.name === name)
    if (rivals.some((rival) => overlap(rival.path, path))) {
      throw wrong("cookie.name", name, "a name of its own for each realm, or paths apart")
    }
  }
}

/** A user id of one table names somebody else's password in the credentials of another. */
function refuseHalfShared(all: readonly Bounded[]): void {
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const [a, b] = [one.boundary.stores, other.boundary.stores]
      if (!a.users || !b.users || !a.credentials || !b.credentials) continue
      if ((a.users === b.users) === (a.credentials === b.credentials)) continue
      throw new ConfigError(
        "ERR_CONFIG_STORES",
        `realms: "${one.auth.realm}" and "${other.auth.realm}" share only one of users and credentials. Give both the same two, or each both of its own: postgresStores(query, { usersOf: "${other.auth.realm}" }).`,
      )
    }
  }
}

/** Who shares credentials shares second factors: else the realm that asks for fewer decides for all. */
function refuseUnequalFactors(all: readonly Bounded[]): void {
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const { credentials } = one.boundary.stores
      if (!credentials || credentials !== other.boundary.stores.credentials) continue
      const [kinds, others] = [one, other].map(({ auth }) => auth.gate.secondFactor?.kinds.join(", ") ?? "")
      if (kinds === others) continue
      throw new ConfigError(
        "ERR_CONFIG_REALM",
        `realms: "${one.auth.realm}" and "${other.auth.realm}" share credentials, but not their second factors (${kinds || "none"}; ${others || "none"}). Write mfa() with the same factors in both; required may differ.`,
      )
    }
  }
}

function overlap(one: string, other: string): boolean {
  return isBelow(one, other) || isBelow(other, one)
}

function wrong(option: string, value: unknown, write: string): ConfigError {
  return misconfigured("ERR_CONFIG_REALM", `realm: ${option}`, value, write)
}

export type { RealmDefinition } from "./http/boundary.js"
