import type { Answer, Awaitable } from "@mortise/core"
import type { Context, Next } from "hono"
import type { StatusCode } from "hono/utils/http-status"

/**
 * The library's answer as one of Hono's own: its headers win over those that the host set before, and cookies of both are kept. A `Response`
 * made apart would lose headers to an earlier `c.header()`, and its cookies to an earlier `setCookie()`.
 */
export function respond(c: Context, { status, headers, body }: Answer): Response {
  for (const [name, value] of headers) c.header(name, value, { append: name === "set-cookie" })
  return c.newResponse(body, status as StatusCode)
}

/** The answer where there is one, once that is known; else the host goes on. */
export async function respondOr(
  c: Context,
  answer: Awaitable<Answer | undefined>,
  next: Next,
): Promise<Response | undefined> {
  const settled = await answer
  if (settled) return respond(c, settled)
  await next()
  return undefined
}
