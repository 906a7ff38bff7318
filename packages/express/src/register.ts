import type { Auth, Claims, Flows, Principal } from "@mortise/core"

/**
 * Where a host says once what its sessions carry, so that `req.auth` and rules know its claims:
 * `declare module "@mortise/express" { interface Register { auth: typeof auth } }`. Types only: nothing is checked at run time.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is empty until a host's declaration is merged into it.
export interface Register {}

/** The claims of the `Auth` in a {@link Register}; without one, JSON of unknown shape. */
export type ClaimsOf<R> = R extends { readonly auth: Auth<Flows, infer C> } ? C : Claims

declare global {
  // biome-ignore lint/style/noNamespace: this is how Express lets its Request be extended.
  namespace Express {
    interface Request {
      /** The signed-in user, or null. Set by `mortise()`; undefined on a route that it does not stand before. */
      auth: Principal<ClaimsOf<Register>> | null
    }
  }
}
