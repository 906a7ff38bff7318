import type { AnyAuth, Incoming, Principal } from "@mortise/core"
import type { Request } from "express"

/** What one `mortise()` found out about a request. */
export interface Mount {
  readonly auth: AnyAuth
  readonly incoming: Incoming
  readonly principal: Principal<object> | undefined
  /** The path that it is mounted at: the longer, the further inside. */
  readonly baseUrl: string
}

// Kept apart from `req.auth`, which any other middleware may overwrite: a guard believes only what was loaded here.
const mountsKey: unique symbol = Symbol("mortise")

type Carrier = Request & { [mountsKey]?: Mount[] }

/** What an earlier `mortise()` of the same realm loaded, so that a request loads a session once. */
export function mountOf(req: Carrier, auth: AnyAuth): Mount | undefined {
  return req[mountsKey]?.find((mount) => mount.auth === auth)
}

/**
 * Adds a mount and answers the one that counts: of several realms the innermost, whatever their order, so that a realm that covers
 * the whole host never lets its users into a part that has a realm of its own. Of two at the same path the later one counts.
 */
export function addMount(req: Carrier, mount: Mount): Mount {
  const earlier = req[mountsKey]
  const mounts = earlier ? [...earlier, mount].sort((one, other) => depth(one) - depth(other)) : [mount]
  req[mountsKey] = mounts
  return mounts.at(-1) ?? mount
}

function depth({ baseUrl }: Mount): number {
  return baseUrl.split("/").length
}

/**
 * Whether nobody can tell which of several realms is the innermost: a pattern (`app.use("*", …)`) is mounted at the whole of every path, and so looks
 * like a realm of its own inside of all others.
 */
export function isAmbiguous(req: Carrier): boolean {
  const mounts = req[mountsKey] ?? []
  const innermost = mounts.at(-1)
  if (!innermost || mounts.length === 1) return false
  const path = innermost.incoming.target.replace(/\/?(\?.*)?$/, "")
  const whole = innermost.baseUrl.replace(/\/$/, "") === path
  return whole && mounts.some((one) => one.auth !== innermost.auth && one.baseUrl !== "")
}

/** The mount of the named realm, or the one that counts. @throws Error if there is none, or nobody can tell which counts */
export function requiredMount(req: Carrier, caller: string, auth?: AnyAuth): Mount {
  const mount = auth ? mountOf(req, auth) : req[mountsKey]?.at(-1)
  if (mount && !auth && isAmbiguous(req)) {
    throw new Error(`${caller}: several realms are mounted here. Name one: requireSession(rule, { auth }).`)
  }
  if (mount) return mount
  throw new Error(`${caller} found no mortise() before it. Write app.use(mortise(auth)) above this route.`)
}
