import type { Seconds } from "../clock.js"
import { type ConfigError, misconfigured, SizeError } from "../errors.js"

/** How the session cookie is scoped. It is always HttpOnly and Secure. */
export interface CookieOptions {
  /** Default `__Host-session`, or `__Secure-session` when a path or domain narrows or widens it; with the realm's name in it for a named realm. */
  readonly name?: string
  /** Default `/`. */
  readonly path?: string
  /** Default: this host only. */
  readonly domain?: string
  /** Default `Lax`. `None` for hosts embedded in other sites. */
  readonly sameSite?: "Lax" | "Strict" | "None"
}

/** The realm's session cookie: one name, read and written here only. */
export interface SessionCookie {
  readonly name: string
  readonly path: string
  /**
   * The cookie's value in a `Cookie` header. Undefined when it is absent, and when it stands there twice: one of the two was
   * planted by somebody, and nobody can tell which.
   */
  read(header: string | null | undefined): string | undefined
  /** @throws SizeError when name and value exceed 4,096 bytes, which browsers drop silently (RFC 6265 §6.1) */
  set(value: string, maxAge: Seconds): string
  clear(): string
}

const cookieName = /^[\w!#$%&'*+.^`|~-]{1,64}$/
const cookiePath = /^\/[\w\-./~%]*$/
const cookieDomain = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/
const cookieLimit = 4096

/** @throws ConfigError `ERR_CONFIG_COOKIE` */
export function sessionCookie(options: CookieOptions, realm: string): SessionCookie {
  const { path = "/", domain, sameSite = "Lax" } = options
  const name = options.name ?? defaultName(path === "/" && domain === undefined, realm)
  refuseBadScope(name, path, domain, sameSite)
  const attributes = `; Path=${path}${domain ? `; Domain=${domain}` : ""}; HttpOnly; Secure; SameSite=${sameSite}`
  const prefix = `${name}=`

  return {
    name,
    path,
    read: (header) => (header ? valueIn(header, prefix) : undefined),
    set(value, maxAge) {
      const pair = prefix + value
      if (pair.length > cookieLimit)
        throw new SizeError(`The cookie ${name}: ${pair.length} bytes, browsers keep ${cookieLimit}.`)
      return `${pair}; Max-Age=${maxAge}${attributes}`
    },
    clear: () => `${prefix}; Max-Age=0${attributes}`,
  }
}

function defaultName(wholeHost: boolean, realm: string): string {
  const name = realm === "default" ? "session" : `${realm}-session`
  return `${wholeHost ? "__Host-" : "__Secure-"}${name}`
}

/** Looks for the name at the start of a pair only: `x=__Host-session=…` is somebody else's value. */
function valueIn(header: string, prefix: string): string | undefined {
  let value: string | undefined
  for (let from = header.indexOf(prefix); from !== -1; from = header.indexOf(prefix, from + prefix.length)) {
    const before = header.slice(0, from).trimEnd()
    if (before && !before.endsWith(";")) continue
    if (value !== undefined) return undefined
    const end = header.indexOf(";", from)
    value = header.slice(from + prefix.length, end === -1 ? undefined : end).trim()
  }
  return value
}

function refuseBadScope(name: string, path: string, domain: string | undefined, sameSite: string): void {
  if (!cookieName.test(name)) throw wrong("name", name, "letters and digits")
  if (!cookiePath.test(path)) throw wrong("path", path, '"/" or "/admin"')
  if (domain !== undefined && !cookieDomain.test(domain)) throw wrong("domain", domain, '"example.com"')
  if (!["Lax", "Strict", "None"].includes(sameSite))
    throw wrong("sameSite", sameSite, '"Lax", "Strict" or "None"')
  // Browsers drop a __Host- cookie with another path or with a domain.
  if (name.startsWith("__Host-") && (path !== "/" || domain !== undefined)) {
    throw wrong("name", name, `name: "${name.replace("__Host-", "__Secure-")}", for its path or domain`)
  }
}

function wrong(option: keyof CookieOptions, value: string, write: string): ConfigError {
  return misconfigured("ERR_CONFIG_COOKIE", `cookie.${option}`, value, write)
}
