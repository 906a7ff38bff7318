import type { Context } from "hono"
import type { StatusCode } from "hono/utils/http-status"

/**
 * The library's answer as one of Hono's own: its headers win over those that the host set before, and cookies of both are kept. Returned
 * as it is, it would lose headers to an earlier `c.header()`, and its cookies to an earlier `setCookie()`.
 */
export function answer(c: Context, response: Response): Response {
  for (const [name, value] of response.headers) c.header(name, value, { append: name === "set-cookie" })
  return c.newResponse(response.body, response.status as StatusCode)
}
