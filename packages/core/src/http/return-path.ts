import { parseUrl } from "../parse-url.js"

/**
 * Where to go after signing in, if the visitor may choose it: a path on the host's own origin, or undefined. The text is resolved as a
 * browser would (backslashes, tabs and dot segments included) and what counts is where it ends up, not how it looks.
 */
export function returnPath(target: string | null | undefined, origin: string): string | undefined {
  if (!target?.startsWith("/") || target.length > 2048) return undefined
  const url = parseUrl(target, origin)
  if (url?.origin !== origin) return undefined
  const path = url.pathname + url.search + url.hash
  // `/.//evil.example` resolves to the path `//evil.example`, which means another host when it is sent back alone.
  return path.startsWith("//") ? undefined : path
}

/** `page` with parameters added to its query. */
export function withQuery(page: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value)
  return query.size === 0 ? page : `${page}${page.includes("?") ? "&" : "?"}${query}`
}
