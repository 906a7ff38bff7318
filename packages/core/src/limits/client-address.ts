/**
 * The client's address: of the chain `X-Forwarded-For` + peer, the right-most hop that is not one of the host's own
 * `trustedProxies`. What stands further left was written by the client and is never believed. Canonical text (RFC 5952 for
 * IPv6, IPv4-mapped as IPv4), or "" where there is none that parses.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null | undefined,
  trustedProxies: number,
): string {
  if (trustedProxies === 0 || !forwardedFor) return canonicalAddress(peer ?? "")
  const chain = [...forwardedFor.split(",").map((hop) => hop.trim()), peer ?? ""]
  return canonicalAddress(chain.at(-1 - trustedProxies) ?? chain[0] ?? "")
}

/** The throttle's bucket of an address: itself for IPv4, its /64 for IPv6, since one customer holds at least that (RFC 6177). */
export function addressBucket(text: string): string {
  const address = canonicalAddress(text)
  if (!address.includes(":")) return address || "unknown"
  return `${groupsOf(address).slice(0, 4).join(":")}::/64`
}

/** One spelling per address; "" for what is none. Ports, brackets and zone ids are dropped. */
export function canonicalAddress(text: string): string {
  const bare = withoutPort(text).replace(/%.*$/, "")
  if (isIpv4(bare)) return bare
  const host = hostnameOf(bare)
  if (host === undefined) return ""
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(host)
  return mapped
    ? dotted(Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16))
    : host
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)
  if (bracketed) return bracketed[1] as string
  return /^[\d.]+:\d{1,5}$/.test(text) ? text.slice(0, text.indexOf(":")) : text
}

function isIpv4(text: string): boolean {
  const octets = text.split(".")
  return (
    octets.length === 4 && octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)
  )
}

/** The URL parser knows every spelling of IPv6 and answers RFC 5952's (lower case, longest run of zeros shortened). */
function hostnameOf(text: string): string | undefined {
  if (text.length > 45 || !/^[\da-f:.]+$/i.test(text) || !text.includes(":")) return undefined
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1)
  } catch {
    return undefined
  }
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}

/** The eight groups of a canonical IPv6 address. */
function groupsOf(address: string): readonly string[] {
  const [head = "", tail] = address.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill("0")
  return [...left, ...zeros, ...right]
}
