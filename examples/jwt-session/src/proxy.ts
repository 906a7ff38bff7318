import { sessionProxy } from "@mortise/next"
import { NextResponse } from "next/server"
import { almanac, auth } from "./auth/auth"
import { traced } from "./errors/trace"

/**
 * Stands before every page and route: loads the session, renews it in its grace period, and keeps out who may not pass. Pages and routes ask again by
 * themselves: this is the first line, not the only one.
 */
export const proxy = traced(
  sessionProxy(auth, {
    guards: {
      "/desk": true,
      "/errors": true,
      "/early": ({ claims }) => claims.isSponsor || { message: "These notes are for sponsors." },
    },
    onward(_request, headers) {
      const nonce = crypto.randomUUID()
      const policy = contentSecurityPolicy(nonce)
      // Next reads the nonce for its own scripts out of the policy.
      headers.set("content-security-policy", policy)
      const response = NextResponse.next({ request: { headers } })
      response.headers.set("content-security-policy", policy)
      response.headers.set("referrer-policy", "same-origin")
      response.headers.set("x-content-type-options", "nosniff")
      return response
    },
  }),
)

/** Everything but the API and the switch, which guard themselves, Next's own files, and ours in `public`. */
export const config = {
  matcher: ["/((?!api/|storage$|_next/static/|style\\.css|icon\\.svg).*)"],
}

/**
 * Scripts are Next's own, by a word that changes with every answer; nothing that slipped into a page runs. Forms lead to ourselves, and on to GitHub:
 * browsers hold the redirect that answers a form to this list as well.
 */
function contentSecurityPolicy(nonce: string): string {
  const { github } = almanac().settings
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action 'self' ${new URL(github.url).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ")
}
