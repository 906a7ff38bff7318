import { parseUrl } from "../parse-url.js"

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
  const chain = [...(forwardedFor ? forwardedFor.split(",") : []), peer ?? ""]
  return canonicalAddress((chain.at(-1 - trustedProxies) ?? chain[0] ?? "").trim())
}

/** The throttle's bucket of an address: itself for IPv4, its /64 for IPv6, since one customer holds at least that (RFC 6177). */
export function addressBucket(text = ""): string {
  const address = canonicalAddress(text)
  if (!address.includes(":")) return address || "unknown"
  const shortened = 9 - address.split(":").length
  const groups = address.replace("::", `:${"0:".repeat(shortened)}`).split(":")
  return `${groups
    .slice(0, 4)
    .map((group) => group || "0")
    .join(":")}::/64`
}

/** One spelling per address; "" for what is none. Ports, brackets and zone ids are dropped. */
export function canonicalAddress(text: string): string {
  const bare = text.replace(/^\[([^\]]*)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/, "$1$2").replace(/%.*$/, "")
  if (/^\d+(?:\.\d+){3}$/.test(bare)) return hostOf(bare) === bare ? bare : ""
  if (!/^[\da-f:.]{2,45}$/i.test(bare)) return ""
  const host = hostOf(`[${bare}]`).slice(1, -1)
  const [, high, low = ""] = /^::ffff:(\w+):(\w+)$/.exec(host) ?? []
  return high ? hostOf(`0x${high}${low.padStart(4, "0")}`) : host
}

/** The URL parser knows every spelling of an address, a number included, and answers one: RFC 5952's for IPv6, four octets for IPv4. */
function hostOf(text: string): string {
  return parseUrl(`http://${text}/`)?.hostname ?? ""
}
