import type { AnyAuth, Incoming, Principal } from "@mortise/core"
import type { Request } from "express"

/** What one `mortise()` found out about a request. */
export interface Mount {
  readonly auth: AnyAuth
  readonly incoming: Incoming
  readonly principal: Principal<object> | undefined
  /** Segments of the path that it is mounted at: the more, the further inside. */
  readonly depth: number
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
  const mounts = [...(req[mountsKey] ?? []), mount].sort((one, other) => one.depth - other.depth)
  req[mountsKey] = mounts
  return mounts.at(-1) ?? mount
}

/** The mount that counts. @throws Error if there is none */
export function requiredMount(req: Carrier, caller: string): Mount {
  const mount = req[mountsKey]?.at(-1)
  if (mount) return mount
  throw new Error(`${caller} found no mortise() before it. Write app.use(mortise(auth)) above this route.`)
}
