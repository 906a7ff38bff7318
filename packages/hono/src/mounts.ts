import type { AnyAuth, Auth } from "@mortise/core"
import type { Mounts } from "@mortise/core/binding"
import type { Context } from "hono"

/** The signed-in user as an `Auth` knows them. */
export type PrincipalOf<A extends AnyAuth> = NonNullable<Awaited<ReturnType<A["authenticate"]>>["principal"]>

/** What `mortise()` sets: `new Hono<MortiseEnv<typeof auth>>()` types `c.get("auth")` and `c.var.auth` with the host's claims. */
export interface MortiseEnv<A extends AnyAuth = Auth> {
  Variables: { auth: PrincipalOf<A> | null }
}

/**
 * What every `mortise()` before found out. Apart from `c.get("auth")`, which any other middleware may overwrite: a guard believes only what was
 * loaded here.
 */
export function mountsOf(c: Context): Mounts | undefined {
  return c.get("mortise")
}

export function keepMounts(c: Context, mounts: Mounts): void {
  c.set("mortise", mounts)
  c.set("auth", mounts.innermost?.principal ?? null)
}
