import type { Awaitable } from "../../awaitable.js"
import type { Rule } from "../../guards/rule.js"
import { credentialOf, type MatrixCharacter } from "./character.js"
import { expectedAnswer } from "./expected-answer.js"
import { type HostRoute, nameOf } from "./host-route.js"
import type { GuardMatrix, MatrixAnswer, MatrixRow } from "./matrix.js"
import { problemsOf } from "./matrix-problems.js"
import { type MatrixSite, realmsOf } from "./matrix-site.js"
import { matrixTable } from "./matrix-table.js"
import { isGuarded, isUndeclared, type Way, waysTo } from "./ways.js"

/** What the matrix is made of. */
export interface GuardMatrixOptions {
  /** What is mounted with `mortise()`. */
  readonly site: MatrixSite
  /** Of `routesOf(app)`, from `@mortise/express/testing` or `@mortise/hono/testing`. */
  readonly routes: readonly HostRoute[]
  /** Anonymous, each role, another tenant, disabled, of another realm, expired: by header, by cookie. */
  readonly characters: readonly MatrixCharacter[]
  /** Values of the parameters in paths, all tried: `{ storeCode: ["ACME", "OTHER"] }`. Default of each: `1`. */
  readonly params?: Readonly<Record<string, readonly string[]>>
  /** Addresses of routes whose paths are regular expressions, by the route's name in {@link GuardMatrix.untestable}. */
  readonly samples?: Readonly<Record<string, readonly string[]>>
  /** Routes that need no session, as `GET /about`, of a host whose `Auth` has no areas. With areas, what lies in none is public. */
  readonly public?: readonly string[]
  /** The name of the session cookie, where a character has one and the `Auth` has no areas: with areas it is known. */
  readonly cookie?: string
  /** Sends to the host: `(target, init) => fetch(origin + target, init)`, `(target, init) => app.request(target, init)`. */
  readonly fetch: (target: string, init: MatrixRequest) => Awaitable<Response>
}

/** What is sent, for `fetch`. A redirect is an answer like any other. */
export interface MatrixRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly redirect: "manual"
  readonly body?: string
}

/**
 * Tries every route as every character, one after the other, and compares the answer with the one that the declared rules ask for:
 * `expect(matrix.problems).toEqual([])`. A route without a rule of its own is a problem also where the realm's rule covers it: a guard that was
 * forgotten looks the same as one that was left out. A guard that was weakened is weaker in the expectation too; that shows in
 * {@link GuardMatrix.toMarkdown}, compared with what is in version control.
 *
 * Handlers run for those who pass, and refusals are events of the host, twice each: give it a host of its own.
 * @throws Error for a name in `public` or `samples` that is no route's, for a guarded route in `public`, for a cookie without a name, and where
 *   no route is guarded: such a matrix could not fail
 */
export async function guardMatrix(options: GuardMatrixOptions): Promise<GuardMatrix> {
  const { params = {}, public: listed = [], routes, samples = {}, site } = options
  refuseUnknown([...listed, ...Object.keys(samples)], routes.map(nameOf))
  const rows: MatrixRow[] = []
  const undeclared: string[] = []
  const open: string[] = []
  const untestable: string[] = []
  for (const route of routes) {
    const name = nameOf(route)
    const ways = waysTo(route, site, { params, samples: samples[name] })
    for (const way of ways.filter(isGuarded)) rows.push(await rowOf(route, way, options))
    if (ways.length === 0) untestable.push(name)
    else if (ways.some(isUndeclared) && !listed.includes(name)) undeclared.push(name)
    else if (!ways.some(isGuarded)) open.push(name)
    else if (listed.includes(name))
      throw new Error(`guardMatrix(): ${name} is guarded, and listed as public.`)
  }
  if (rows.length === 0) throw new Error("guardMatrix(): no route is guarded.")
  const found = { rows, undeclared, public: open, untestable }
  return { ...found, problems: problemsOf(found), toMarkdown: () => matrixTable(found) }
}

async function rowOf(route: HostRoute, way: Way, options: GuardMatrixOptions): Promise<MatrixRow> {
  const { address, place, rules } = way
  const answers: MatrixAnswer[] = []
  for (const character of options.characters) answers.push(await answered(route, way, character, options))
  const ownRule = place?.auth.boundary?.rule
  return {
    route: nameOf(route),
    target: address.path,
    realm: place?.auth.realm ?? "",
    rules: [...(ownRule === undefined ? [] : [ownRule]), ...rules.map(called)],
    answers,
  }
}

async function answered(
  { method }: HostRoute,
  { address, place, rules }: Way,
  character: MatrixCharacter,
  { cookie, fetch, site }: GuardMatrixOptions,
): Promise<MatrixAnswer> {
  const { params, path: target } = address
  // Outside of all areas a cookie of any name is none.
  const cookieName = place ? (place.auth.boundary?.cookie.name ?? cookie) : "session"
  const headers = {
    accept: "application/json",
    ...(method !== "GET" && { "content-type": "application/json" }),
    ...credentialOf(character, cookieName),
  }
  const incoming = {
    method,
    target,
    header: (name: string) => new Headers(headers).get(name),
    param: (name: string) => (Object.hasOwn(params, name) ? params[name] : undefined),
  }
  const known = realmsOf(site)
  const expected = await expectedAnswer({ auth: place?.auth, character, incoming, known, rules })
  const body = method === "GET" || method === "HEAD" ? {} : { body: "{}" }
  const answer = await fetch(target, { method, headers, redirect: "manual", ...body })
  await answer.body?.cancel()
  return { character: character.name, expected, status: answer.status }
}

function called(rule: Rule<object> | null): string {
  return rule ? rule.name || "a rule" : "signed in"
}

function refuseUnknown(named: readonly string[], routes: readonly string[]): void {
  const unknown = named.filter((name) => !routes.includes(name))
  if (unknown.length > 0) throw new Error(`guardMatrix(): ${unknown.join(", ")} is no route of the host.`)
}
