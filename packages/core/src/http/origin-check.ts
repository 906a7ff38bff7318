import { misconfigured } from "../errors.js"
import { parseUrl } from "../parse-url.js"
import type { Incoming } from "./incoming.js"

const safeMethods = ["GET", "HEAD", "OPTIONS"]
const loopback = ["localhost", "127.0.0.1", "[::1]"]

/**
 * Reads the host's own origin. https, or http on a loopback name for development; nothing but scheme, host and port.
 * @throws ConfigError `ERR_CONFIG_ORIGIN`
 */
export function ownOrigin(text: string, option = "origin"): string {
  const url = parseUrl(text)
  const bare = url && (text === url.origin || text === `${url.origin}/`)
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && loopback.includes(url.hostname))
  if (bare && secure) return url.origin
  throw misconfigured("ERR_CONFIG_ORIGIN", option, text, '"https://app.example.com"')
}

/**
 * Whether a request that changes something may come from where it says it comes from (CSRF, login and logout included).
 * `Sec-Fetch-Site` is set by the browser and cannot be forged by a page; older browsers send `Origin`. A client that sends neither is no
 * browser, and so holds nobody's cookies but its own. Same-site is not same-origin: a neighbour's subdomain is refused.
 */
export function fromTrustedOrigin(incoming: Incoming, trusted: ReadonlySet<string>): boolean {
  // A WebSocket begins with GET, brings cookies along, and no other rule of the browser's keeps a page from opening one to another site.
  if (safeMethods.includes(incoming.method) && !incoming.header("upgrade")) return true
  const origin = incoming.header("origin")
  const site = incoming.header("sec-fetch-site")
  if (site === "same-origin" || site === "none") return true
  if (origin) return trusted.has(origin)
  return !site
}
