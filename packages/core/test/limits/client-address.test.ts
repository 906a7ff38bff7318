import { describe, expect, test } from "vitest"
import { addressBucket, canonicalAddress, clientAddress } from "../../src/limits/client-address.js"

describe("the client address comes from the host's own proxies only", () => {
  const cases: readonly [string, string | undefined, string | null, number, string][] = [
    ["no proxy: the peer", "203.0.113.7", null, 0, "203.0.113.7"],
    ["no proxy: a forged header is not read", "203.0.113.7", "10.0.0.1", 0, "203.0.113.7"],
    ["one proxy: the hop that it saw", "10.0.0.2", "203.0.113.7", 1, "203.0.113.7"],
    [
      "one proxy: what the client wrote before it is not believed",
      "10.0.0.2",
      "1.1.1.1, 203.0.113.7",
      1,
      "203.0.113.7",
    ],
    ["two proxies: one hop further", "10.0.0.3", "1.1.1.1, 203.0.113.7, 10.0.0.2", 2, "203.0.113.7"],
    ["fewer hops than proxies: the first there is", "10.0.0.3", "203.0.113.7", 3, "203.0.113.7"],
    ["one proxy that sent nothing: the peer", "203.0.113.7", null, 1, "203.0.113.7"],
    ["an IPv4-mapped peer is IPv4", "::ffff:203.0.113.7", null, 0, "203.0.113.7"],
    ["a hop with a port", "10.0.0.2", "203.0.113.7:51234", 1, "203.0.113.7"],
    ["a bracketed hop with a port", "10.0.0.2", "[2001:DB8::1]:443", 1, "2001:db8::1"],
    ["a zone id is local and dropped", "fe80::1%eth0", null, 0, "fe80::1"],
    ["garbage is no address", "10.0.0.2", "<script>", 1, ""],
    ["an empty hop is no address", "10.0.0.2", "203.0.113.7, ", 1, ""],
    ["no peer at all", undefined, null, 0, ""],
  ]
  test.each(cases)("%s", (_, peer, header, proxies, expected) => {
    expect(clientAddress(peer, header, proxies)).toBe(expected)
  })
})

describe("one spelling per address", () => {
  test.each([
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["::ffff:c000:0280", "192.0.2.128"],
    ["0:0:0:0:0:ffff:192.0.2.128", "192.0.2.128"],
    ["192.0.2.1", "192.0.2.1"],
    ["192.0.2.01", ""],
    ["0300.0.2.1", ""],
    ["192.0.2.256", ""],
    ["3221225985", ""],
    ["1.2.3.4.5", ""],
    ["::1", "::1"],
    ["", ""],
    ["2001:db8::1::2", ""],
    [`${"1:".repeat(40)}1`, ""],
  ])("%s is %s", (text, expected) => expect(canonicalAddress(text)).toBe(expected))
})

describe("the bucket of an address", () => {
  test.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["203.0.113.7", "203.0.113.7"],
    ["", "unknown"],
  ])("%s is counted as %s", (address, bucket) => expect(addressBucket(address)).toBe(bucket))

  test("neighbouring /64s are two buckets", () => {
    expect(addressBucket("2001:db8:0:1::1")).not.toBe(addressBucket("2001:db8:0:2::1"))
  })
})
