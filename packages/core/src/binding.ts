// What every binding needs besides an `Auth`: the only file of core that bindings import at run time.
import type { AnyAuth, Authentication } from "./auth.js"
import type { Awaitable } from "./awaitable.js"
import type { Rule } from "./guards/rule.js"
import type { Answer } from "./http/answer.js"
import type { Body } from "./http/body.js"
import { guard } from "./http/guard.js"
import type { Incoming } from "./http/incoming.js"
import type { Place, Realms } from "./realms.js"
import type { Principal } from "./sessions/session.js"

export { declaredRule, declareRule } from "./guards/declared-rule.js"
export { guard } from "./http/guard.js"

/** What one `mortise()` found out about a request. */
export interface Mount {
  readonly auth: AnyAuth
  readonly incoming: Incoming
  readonly principal: Principal<object> | undefined
  /** How many path segments it stands below: the more, the further inside. Infinity for one that fills whatever path there is, as a pattern does. */
  depth(): number
}

/** What all of them found out; a binding keeps it with the request, where no other middleware writes. */
export interface Mounts {
  /** From the outermost to the innermost; of two equally deep the later one is further inside. */
  readonly all: readonly Mount[]
  /** The one that counts; undefined where nobody can tell which that is. */
  readonly innermost: Mount | undefined
}

/**
 * Adds a mount. Of several realms the innermost counts, whatever their order, so that a realm that covers the whole host never lets its
 * users into a part that has a realm of its own. A pattern looks like a realm inside of all others: then nobody can tell.
 */
export function withMount(earlier: Mounts | undefined, mount: Mount): Mounts {
  if (!earlier) return { all: [mount], innermost: mount }
  const all = [...earlier.all, mount].sort((one, other) => one.depth() - other.depth() || 0)
  const innermost = all.at(-1)
  const unclear =
    innermost?.depth() === Infinity && all.some((one) => one.auth !== innermost.auth && one.depth() > 0)
  return { all, innermost: unclear ? undefined : innermost }
}

/** What `mortise()` is given: one `Auth`, or several behind `realms()`. */
export type Door = AnyAuth | Realms

/** A request on its way in, as a binding sees it. */
export interface Arrival {
  readonly incoming: Incoming
  /** Its path as the framework's router reads it: the library's own routes are answered in exactly one spelling, and nobody else answers the others. */
  readonly path: string
  readonly mounts: Mounts | undefined
  /** See {@link AnyAuth.answer}. */
  readonly bodyOf: () => Body
  /**
   * Keeps who was found with the request, and the cookies that its answer must carry. `depth` is that of the realm's area: the mount is at least
   * so deep, wherever it stands.
   */
  keep(auth: AnyAuth, found: Partial<Authentication<object>>, depth: number): void
}

/**
 * What `mortise()` does with every request: answers what is the library's, loads the session of everything else, once per request and realm, and
 * asks it what the realm asks there. Undefined: the host goes on. A store that is down is answered with 503 right here, never taken for
 * "nobody" (fail closed). What is public is not touched. Neither throws nor rejects.
 */
export function enter(door: Door, arrival: Arrival): Awaitable<Answer | undefined> {
  const { incoming, keep, mounts } = arrival
  const place = "find" in door ? door.find(incoming.target) : placeIn(door, incoming.target)
  if (!place) return undefined
  const { auth, standing } = place
  if (standing === "misspelt") return place.admit(undefined, incoming)
  if (auth.owns(arrival.path)) return auth.answer(incoming, arrival.bodyOf)
  const found = mountOf(mounts, auth) ?? auth.authenticate(incoming)
  if (found instanceof Promise) return found.then(admitted, (fault) => auth.answerFault(fault, incoming))
  return admitted(found)

  function admitted(found: Partial<Authentication<object>>): Awaitable<Answer | undefined> {
    keep(auth, found, place?.depth ?? 0)
    return standing === "guarded" ? place?.admit(found.principal, incoming) : undefined
  }
}

/** An `Auth` without areas is asked nothing but who is there. */
function placeIn(auth: AnyAuth, target: string): Place | undefined {
  const { boundary } = auth
  const admit: Place["admit"] = (principal, incoming) => guard(auth, principal, undefined, incoming)
  if (!boundary) return { auth, admit, standing: "open", depth: 0 }
  const here = boundary.at(target)
  if (here?.standing !== "misspelt") return here && { ...here, auth, admit }
  return { ...here, auth, admit: (_, incoming) => boundary.notFound(incoming) }
}

/** What an earlier `mortise()` of the same realm loaded, so that a request loads a session once. */
export function mountOf(mounts: Mounts | undefined, auth: AnyAuth): Mount | undefined {
  return mounts?.all.find((mount) => mount.auth === auth)
}

/** The mount of the named realm, or the one that counts. @throws Error if there is none, or nobody can tell which counts */
export function requiredMount(mounts: Mounts | undefined, caller: string, auth?: AnyAuth): Mount {
  const mount = auth ? mountOf(mounts, auth) : mounts?.innermost
  if (mount) return mount
  throw new Error(
    mounts && !auth
      ? `${caller}: several realms are mounted here. Name one: requireSession(rule, { auth }).`
      : `${caller} found no mortise() before it. Write app.use(mortise(auth)) above this route.`,
  )
}

/**
 * The rule of a `requireSession(...given)`. No argument is not the same as `undefined`: a rule whose name is misspelled in plain
 * JavaScript would let in whoever is signed in.
 * @throws TypeError for a rule that is no function
 */
export function ruleOf(given: readonly unknown[]): Rule<object> | undefined {
  const [rule] = given
  if (given.length === 0 || typeof rule === "function") return rule as Rule<object> | undefined
  throw new TypeError("requireSession(rule): no function. Leave it out to let in whoever is signed in.")
}
