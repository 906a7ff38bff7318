// What every binding needs besides an `Auth`: the only file of core that bindings import at run time.
import type { AnyAuth } from "./auth.js"
import type { Rule } from "./guards/rule.js"
import type { Incoming } from "./http/incoming.js"
import type { Principal } from "./sessions/session.js"

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
