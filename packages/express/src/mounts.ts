import type { Mounts } from "@mortise/core/binding"
import type { Request } from "express"

// No name that a host could copy out of a query or a body into res.locals, nor one that a template sees.
const key: unique symbol = Symbol.for("mortise")

/** `res.locals`, as far as it is ours. */
interface Locals {
  [key]?: Mounts
}

/**
 * What every `mortise()` before found out. Apart from `req.auth`, which any other middleware may overwrite: a guard believes only what was
 * loaded here. And not on `req` itself: Express gives every request another prototype, and from then on each property that is added
 * costs as much as the session check.
 */
export function mountsOf(req: Request): Mounts | undefined {
  const locals: Locals | undefined = req.res?.locals
  return locals?.[key]
}

export function keepMounts(req: Request, mounts: Mounts): void {
  const locals: Locals | undefined = req.res?.locals
  if (locals) locals[key] = mounts
  // Whatever another middleware wrote before is not who was found here.
  if (Object.hasOwn(req, "auth")) Reflect.deleteProperty(req, "auth")
  if (!Reflect.has(req, "auth")) shareAuth(req.app)
}

/**
 * Gives all requests of an application `req.auth`, as Express gives them `req.ip`; a middleware may still write its own. Of the outermost
 * application: a request that has left a sub-application has that one's properties no more.
 */
function shareAuth(inner: object): void {
  let app = inner
  while (Reflect.get(app, "parent")) app = Reflect.get(app, "parent")
  Object.defineProperty(Reflect.get(app, "request"), "auth", {
    configurable: true,
    get(this: Request) {
      const mounts = mountsOf(this)
      return mounts && (mounts.innermost?.principal ?? null)
    },
    set(this: Request, value: unknown) {
      Object.defineProperty(this, "auth", { value, writable: true, enumerable: true, configurable: true })
    },
  })
}
