import type { MiddlewareHandler } from "hono"

/**
 * What browsers are told to refuse. Scripts and styles come from our own files only, none from inside a page, so that markup which slipped
 * through would still be dead. Set before the handler, so that a page which says something stricter has the last word.
 */
export function securityHeaders(origin: string): MiddlewareHandler {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    // Some browsers do not take a WebSocket of the same origin for 'self'.
    `connect-src 'self' ${origin.replace(/^http/, "ws")}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ")
  return async function securityHeaders(c, next) {
    c.header("content-security-policy", policy)
    // Not no-referrer: it turns the Origin of our own forms into "null".
    c.header("referrer-policy", "same-origin")
    c.header("x-content-type-options", "nosniff")
    c.header("cross-origin-opener-policy", "same-origin")
    if (origin.startsWith("https:")) c.header("strict-transport-security", "max-age=31536000")
    await next()
  }
}
