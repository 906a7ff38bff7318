/** What the log keeps of network addresses: all of them, only the network (/24 of IPv4, /48 of IPv6), or nothing. */
export type AddressesKept = "full" | "network" | "none"

/** @throws RangeError for a setting that is none: what was to be shortened must not be kept whole */
export function addressesKeptOf(addresses: unknown): AddressesKept {
  if (addresses === undefined) return "full"
  if (addresses === "full" || addresses === "network" || addresses === "none") return addresses
  throw new RangeError(
    `audit.addresses: ${JSON.stringify(addresses)} will not do. Write "full", "network" or "none".`,
  )
}

/** What is kept of a canonical address: `192.0.2.0/24`, `2001:db8:1::/48`. Nothing of a text that is no address. */
export function keptAddress(kept: AddressesKept, address: string): string {
  if (kept === "full") return address
  if (kept === "none") return ""
  return address.includes(":") ? networkOfIPv6(address) : networkOfIPv4(address)
}

function networkOfIPv4(address: string): string {
  const [, network] = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address) ?? []
  return network === undefined ? "" : `${network}.0/24`
}

function networkOfIPv6(address: string): string {
  // Of `2001:db8::1` the groups before the gap, then zeros: a gap stands for at least one group, and three are wanted.
  const [head = "", tail] = address.split("::")
  const groups = head === "" ? [] : head.split(":")
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return ""
  const behind = tail === undefined || tail === "" ? [] : tail.split(":")
  const gap = tail === undefined ? 0 : 8 - groups.length - behind.length
  const first = [...groups, ...Array.from({ length: gap }, () => "0"), ...behind].slice(0, 3)
  if (first.length < 3 || !first.every((group) => /^[\da-f]{1,4}$/i.test(group))) return ""
  while (first.at(-1) === "0") first.pop()
  return `${first.join(":")}::/48`
}
