import type { ServerResponse } from "node:http"

/**
 * Sends a screen. Its forms lead back to the application, and Chromium holds a redirect after a form post to the policy of the page with the
 * form, so the application stands in it too.
 */
export function sendScreen(res: ServerResponse, status: number, application: string, document: string): void {
  res
    .writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' ${application}`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    })
    .end(document)
}
