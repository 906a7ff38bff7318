import type { Answer } from "@mortise/core"

/** The library's answer as Next sends it. Next takes no path alone where a browser is sent on to: `base` makes it whole, and Next shortens it again. */
export function responseOf({ status, headers: given, body }: Answer, base: string): Response {
  const headers = new Headers()
  for (const [name, value] of given) {
    headers.append(name, name === "location" ? new URL(value, base).href : value)
  }
  return new Response(body, { status, headers })
}

/** The same answer with cookies. It comes out of no cache then: who else gets it would get the cookie. */
export function withCookies(response: Response, setCookie: readonly string[]): Response {
  for (const cookie of setCookie) response.headers.append("set-cookie", cookie)
  if (setCookie.length > 0) response.headers.set("cache-control", "no-store")
  return response
}

/** A `Cookie` header as the browser would send it after an answer with this `Set-Cookie`. */
export function sentAfter(header: string, setCookie: string): string {
  const [pair = ""] = setCookie.split(";")
  const name = pair.slice(0, pair.indexOf("=") + 1)
  const others = header.split(";").filter((one) => one.trim() !== "" && !one.trimStart().startsWith(name))
  return [...others, ...(pair === name ? [] : [pair])].map((one) => one.trim()).join("; ")
}
