/** Names that mean this machine or the network around it (RFC 6761, RFC 6762, RFC 8375, and `.internal`, reserved by ICANN in 2024). */
const localName = /^[^.]*$|(?:^|\.)(?:localhost|local|internal|home\.arpa)$/

/** What is not to be reached from outside (IANA IPv4 Special-Purpose Address Registry), as network and prefix length. */
const specialIpv4: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
]

/**
 * Of IPv6 only global unicast is public (2000::/3), without what holds an IPv4 address that could be private (Teredo, 6to4) and without the
 * documentation and benchmark ranges (IANA IPv6 Special-Purpose Address Registry). IPv4-mapped and NAT64 addresses are outside of it anyway.
 */
const globalIpv6 = /^[23][\da-f]{3}:/
const specialIpv6 = /^(?:2001:(?::|[01]?[\da-f]{1,2}:|db8:)|2002:|3fff:)/

const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/

/**
 * Whether a host, as the URL parser spells it, may be one on the public internet: whatever spelling an address came in (decimal, octal,
 * hexadecimal, shortened), the parser has made it canonical.
 */
export function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/\.+$/, "")
  if (host.startsWith("[")) return isPublicIpv6(host.slice(1, -1))
  return ipv4.test(host) ? isPublicIpv4(host) : !localName.test(host)
}

/** The same of a bare address, as a resolver answers it. */
export function isPublicAddress(address: string): boolean {
  return address.includes(":") ? isPublicIpv6(address) : ipv4.test(address) && isPublicIpv4(address)
}

function isPublicIpv4(address: string): boolean {
  const number = toNumber(address)
  return specialIpv4.every(
    ([network, bits]) =>
      Math.floor(number / 2 ** (32 - bits)) !== Math.floor(toNumber(network) / 2 ** (32 - bits)),
  )
}

function toNumber(address: string): number {
  return address.split(".").reduce((number, octet) => number * 256 + Number(octet), 0)
}

function isPublicIpv6(address: string): boolean {
  return globalIpv6.test(address) && !specialIpv6.test(address)
}
