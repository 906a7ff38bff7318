import type { AnyAuth } from "@mortise/core"

/**
 * Where a host says once which `Auth` its components speak to, so that `useSession()` knows the claims and `useAuthClient()` the calls:
 * `declare module "@mortise/client" { interface Register { auth: typeof auth } }`. Types only: nothing is checked at run time.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is empty until a host's declaration is merged into it.
export interface Register {}

/** The `Auth` in a {@link Register}; without one, any. */
export type RegisteredAuth = Register extends { readonly auth: infer A extends AnyAuth } ? A : AnyAuth
