import type { AnyAuth, Authentication } from "@mortise/core"
import { guard } from "@mortise/core/binding"
import { cookies, headers } from "next/headers.js"
import { NextResponse } from "next/server.js"
import { cache } from "react"
import { type AuthSource, authOf, type PrincipalOf } from "./auth-source.js"

/**
 * The signed-in user of this request, or null, for server components, route handlers and server actions. It checks by itself, whatever a proxy
 * did before, and once per rendered request however many components ask. Rejects with StoreError where a store is down: that is the error page, and
 * never "nobody". Where Next lets a cookie be set (route handlers, actions) a session that was refreshed on the way gets its new one.
 */
export async function getServerSession<A extends AnyAuth>(
  source: AuthSource<A>,
): Promise<PrincipalOf<A> | null> {
  const { principal } = await authenticated(source)
  return (principal as PrincipalOf<A> | undefined) ?? null
}

const authenticated = cache(async (source: AuthSource<AnyAuth>): Promise<Authentication<object>> => {
  // Both are Next's sign that this is rendered for a request; a page that is asks for a session is never built ahead.
  const [given, jar] = await Promise.all([headers(), cookies()])
  const auth = await authOf(source)
  // Next tells neither the method nor the address here, and neither matters: cookies decide.
  const incoming = { method: "GET", target: "/", header: (name: string) => given.get(name) }
  const authentication = await auth.authenticate(incoming)
  for (const setCookie of authentication.setCookie) keep(setCookie, jar)
  const { principal } = authentication
  // Whom the realm's own rule refuses is nobody here either.
  const refused = auth.boundary && principal && (await guard(auth, principal, undefined, incoming))
  return refused ? { ...authentication, principal: undefined } : authentication
})

/** Server components may not set cookies. The session is good all the same, and the next request through a proxy or a route sets it. */
function keep(setCookie: string, jar: Awaited<ReturnType<typeof cookies>>): void {
  const parsed = new NextResponse(null, { headers: { "set-cookie": setCookie } })
  try {
    for (const cookie of parsed.cookies.getAll()) jar.set(cookie)
  } catch {}
}
