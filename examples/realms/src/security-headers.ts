import type { RequestHandler } from "express"
import helmet from "helmet"

/**
 * What browsers are told to refuse. Scripts, styles and pictures come from our own files only, none from inside a page, so that markup which
 * slipped through would still be dead. Forms lead to ourselves.
 */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Not no-referrer: it turns the Origin of our own forms into "null".
    referrerPolicy: { policy: "same-origin" },
  })
}
