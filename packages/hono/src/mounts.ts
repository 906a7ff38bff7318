import type { AnyAuth, Auth, Incoming, Principal } from "@mortise/core"
import type { Context } from "hono"

/** The signed-in user as an `Auth` knows them. */
export type PrincipalOf<A extends AnyAuth> = NonNullable<Awaited<ReturnType<A["authenticate"]>>["principal"]>

/** What `mortise()` sets: `new Hono<MortiseEnv<typeof auth>>()` types `c.get("auth")` and `c.var.auth` with the host's claims. */
export interface MortiseEnv<A extends AnyAuth = Auth> {
  Variables: { auth: PrincipalOf<A> | null }
}

/** What one `mortise()` found out about a request. */
export interface Mount {
  readonly auth: AnyAuth
  readonly incoming: Incoming
  readonly principal: Principal<object> | undefined
  /** Which of the matched routes it is mounted at. */
  readonly route: number
}

// Kept apart from "auth", which any other middleware may overwrite: a guard believes only what was loaded here.
const mountsKey = "mortise"

function mountsOf(c: Context): readonly Mount[] {
  return c.get(mountsKey) ?? []
}

/** What an earlier `mortise()` of the same realm loaded, so that a request loads a session once. */
export function mountOf(c: Context, auth: AnyAuth): Mount | undefined {
  return mountsOf(c).find((mount) => mount.auth === auth)
}

/**
 * Adds a mount and answers the one that counts: of several realms the innermost, whatever their order, so that a realm that covers
 * the whole host never lets its users into a part that has a realm of its own. Of two at the same path the later one counts.
 */
export function addMount(c: Context, mount: Mount): Mount {
  const mounts = [...mountsOf(c), mount].sort((one, other) => depth(c, one) - depth(c, other))
  c.set(mountsKey, mounts)
  return mounts.at(-1) ?? mount
}

/** How many segments are written out. A pattern of parameters is as long as one likes and is inside of nothing. */
function depth(c: Context, mount: Mount): number {
  const path = c.req.matchedRoutes[mount.route]?.path.replace(/\{[^}]*\}/g, "") ?? ""
  return path.split("/").filter((segment) => /^[^:*]+$/.test(segment)).length
}

/** The mount that counts. @throws Error if there is none */
export function requiredMount(c: Context, caller: string): Mount {
  const mount = mountsOf(c).at(-1)
  if (mount) return mount
  throw new Error(`${caller} found no mortise() before it. Write app.use(mortise(auth)) above this route.`)
}
