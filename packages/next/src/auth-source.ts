import type { AnyAuth, Awaitable } from "@mortise/core"

/**
 * An `Auth`, or a function that answers it at the first request. Next loads every module once while it builds, where there are neither secrets
 * nor databases: a host whose `createAuth` needs either gives the function, and keeps what it made.
 */
export type AuthSource<A extends AnyAuth> = A | (() => Awaitable<A>)

/** The signed-in user as an `Auth` knows them. */
export type PrincipalOf<A extends AnyAuth> = NonNullable<Awaited<ReturnType<A["authenticate"]>>["principal"]>

/** What a source answers. */
export function authOf<A extends AnyAuth>(source: AuthSource<A>): Awaitable<A> {
  return typeof source === "function" ? source() : source
}
