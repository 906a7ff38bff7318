import type { Answer } from "@mortise/core"
import type { Context } from "hono"
import type { StatusCode } from "hono/utils/http-status"

/**
 * The library's answer as one of Hono's own: its headers win over those that the host set before, and cookies of both are kept. A `Response`
 * made apart would lose headers to an earlier `c.header()`, and its cookies to an earlier `setCookie()`.
 */
export function respond(c: Context, { status, headers, body }: Answer): Response {
  for (const [name, value] of headers) c.header(name, value, { append: name === "set-cookie" })
  return c.newResponse(body, status as StatusCode)
}
