import type { AnyAuth } from "@mortise/core"
import { after, type NextRequest } from "next/server.js"
import { type AuthSource, authOf } from "./auth-source.js"
import type { AddressOptions } from "./incoming.js"

/** A route handler for every request that reaches it. */
export type RouteHandler = (request: NextRequest) => Promise<Response>

/**
 * The library's own routes, for `app/auth/[...mortise]/route.ts`: `export const { GET, POST, DELETE } = handlers(auth)`. They never reject: a
 * store that is down is 503. What goes on after the answer, such as sending mail, Next is told by `after()`.
 */
export function handlers<A extends AnyAuth>(
  source: AuthSource<A>,
  options: AddressOptions = {},
): { readonly GET: RouteHandler; readonly POST: RouteHandler; readonly DELETE: RouteHandler } {
  async function answer(request: NextRequest): Promise<Response> {
    const auth = await authOf(source)
    return auth.handle(request, options.address?.(request), (work) => after(work))
  }
  return { GET: answer, POST: answer, DELETE: answer }
}
