import type { RequestHandler } from "express"
import helmet from "helmet"

/**
 * What browsers are told to refuse. Scripts and styles come from our own files only, none from inside a page, so that markup which
 * slipped through would still be dead. Images of an article may stand anywhere on https. Forms lead to ourselves, and on to the sign-in
 * pages of the providers: browsers hold the redirect that answers a form to this list as well.
 */
export function securityHeaders(signInOrigins: readonly string[]): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "https:"],
        connectSrc: ["'self'"],
        formAction: ["'self'", ...new Set(signInOrigins)],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Not no-referrer: it turns the Origin of our own forms into "null".
    referrerPolicy: { policy: "same-origin" },
  })
}
