import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type * as resolver from "../../src/network/resolve.node.js"
import { oidc } from "../../src/oauth.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf, type OAuthHost, oauthApp } from "./oauth-app.js"

// A name of the public internet that leads to a private address is not asked. Nothing here leaves the machine: the resolver is the
// test's, and so is the platform's fetch.

const { resolve } = vi.hoisted(() => ({ resolve: vi.fn<(hostname: string) => Promise<readonly string[]>>() }))
vi.mock("#resolve", () => ({ resolve }))

const publicAddress = "93.184.216.34"
const issuer = "https://id.example.com"
const platformFetch = globalThis.fetch
let remote: HostileProvider
let asked: string[]
beforeAll(async () => {
  remote = await startHostileProvider({ issuer })
})
beforeEach(() => {
  remote.reset()
  asked = []
  resolve.mockReset().mockResolvedValue([publicAddress])
  vi.stubGlobal("fetch", (input: string | Request, init?: RequestInit) => {
    // What the provider brings to its own server, once more.
    if (input instanceof Request) return platformFetch(input, init)
    asked.push(new URL(input).hostname)
    return remote.fetch(input, init)
  })
})
afterAll(() => remote.stop())

/** Without a fetch of its own, so that names are resolved by the library. */
function host(): OAuthHost {
  const { clientId, clientSecret } = remote
  const provider = oidc({ name: "remote", label: "Remote", issuer, clientId, clientSecret })
  return oauthApp(remote, { providers: [provider], oauth: { network: {} } })
}

/** What the names of the provider's endpoints lead to. */
function leads(byName: Readonly<Record<string, readonly string[]>>): void {
  resolve.mockImplementation(async (name) => byName[name] ?? [publicAddress])
}

const privateAnswers: readonly (readonly [what: string, addresses: readonly string[]])[] = [
  ["loopback", ["127.0.0.1"]],
  ["private", ["10.0.0.1"]],
  ["link-local, where clouds keep secrets", ["169.254.169.254"]],
  ["nothing", ["0.0.0.0"]],
  ["a public one and a private one", [publicAddress, "192.168.1.1"]],
  ["a private one and a public one", ["192.168.1.1", publicAddress]],
  ["a public one and IPv6 loopback", [publicAddress, "::1"]],
  ["IPv6 loopback", ["::1"]],
  ["IPv6 loopback, written out", ["0:0:0:0:0:0:0:1"]],
  ["IPv6 link-local with a zone", ["fe80::1%eth0"]],
  ["IPv6 unique local", ["fd00:ec2::254"]],
  ["IPv6 unique local in capitals", ["FD00:EC2::254"]],
  ["IPv4 in IPv6", ["::ffff:10.0.0.1"]],
  ["IPv4 in IPv6, hexadecimal", ["::ffff:a00:1"]],
  ["IPv4 behind NAT64", ["64:ff9b::a00:1"]],
  ["IPv4 behind 6to4", ["2002:a00:1::"]],
  ["what is no address", ["localhost"]],
  ["half an address", ["93.184.216"]],
  ["an empty text", [""]],
]

describe("a name that leads to", () => {
  test.each(privateAnswers)("%s: discovery is not asked for", async (_, addresses) => {
    leads({ "id.example.com": addresses })
    const made = host()
    expect(locationOf(await made.browser().get("/auth/oauth/remote"))).toBe(
      "/sign-in?error=oauth_failed&provider=remote",
    )
    expect(made.events).toMatchObject([{ cause: "response_invalid", detail: "address_refused" }])
    expect([asked, remote.requests.all]).toEqual([[], []])
  })

  test.each(privateAnswers)("%s: nor is any endpoint that discovery names", async (_, addresses) => {
    for (const [endpoint, cause, before] of [
      ["token_endpoint", "token_refused", 0],
      ["jwks_uri", "id_token_invalid", 1],
      ["userinfo_endpoint", "profile_invalid", 2],
    ] as const) {
      remote.reset()
      remote.lie({
        discovery: { [endpoint]: "https://inside.example.com/x" },
        idToken: { claims: { email: undefined } },
      })
      leads({ "inside.example.com": addresses })
      asked = []
      const made = host()
      const browser = made.browser()
      const { parameters } = await depart(browser, remote)
      expect(locationOf(await comeBack(browser, parameters))).toBe(
        "/sign-in?error=oauth_failed&provider=remote",
      )
      expect(made.events).toMatchObject([{ cause, detail: "address_refused" }])
      expect(asked).toEqual(["id.example.com", ...Array(before).fill("id.example.com")])
      expect(remote.requests.token).toHaveLength(before === 0 ? 0 : 1)
    }
  })
})

test("a name that leads to the internet is asked, every time after it was looked up", async () => {
  const made = host()
  const browser = made.browser()
  const { parameters } = await depart(browser, remote)
  expect(locationOf(await comeBack(browser, parameters))).toBe("/workspace")
  expect(asked).toEqual(Array(3).fill("id.example.com"))
  expect(resolve.mock.calls.flat()).toEqual(asked)
  // It leads elsewhere now, though it did not a moment ago.
  leads({ "id.example.com": ["10.0.0.1"] })
  const again = await depart(browser, remote)
  await comeBack(browser, again.parameters)
  expect(made.events.at(-1)).toMatchObject({ cause: "token_refused", detail: "address_refused" })
  expect(asked).toHaveLength(3)
})

test.each([
  [["2606:4700::1111"]],
  [[publicAddress, "2606:4700::1111"]],
  // Where the runtime does not tell (Workers).
  [[]],
])("%j is asked", async (addresses) => {
  resolve.mockResolvedValue(addresses)
  expect(locationOf(await host().browser().get("/auth/oauth/remote"))).toContain("/authorize?")
  expect(asked).toEqual(["id.example.com"])
})

test("a name that does not exist, and a resolver that does not answer", async () => {
  resolve.mockRejectedValue(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }))
  const made = host()
  await made.browser().get("/auth/oauth/remote")
  expect(made.events).toMatchObject([{ cause: "provider_unavailable", detail: "unreachable" }])

  const { timeout } = AbortSignal
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => timeout.call(AbortSignal, ms / 50))
  resolve.mockReturnValue(new Promise(() => {}))
  await made.browser().get("/auth/oauth/remote")
  expect(made.events.at(-1)).toMatchObject({ cause: "provider_unavailable", detail: "timed_out" })
  expect(asked).toEqual([])
})

test("an address in place of a name is not looked up, and not asked either if it is private", async () => {
  remote.lie({ discovery: { jwks_uri: "https://[2606:4700::1111]/jwks" } })
  const browser = host().browser()
  const { parameters } = await depart(browser, remote)
  expect(locationOf(await comeBack(browser, parameters))).toBe("/workspace")
  expect(asked).toEqual(["id.example.com", "id.example.com", "[2606:4700::1111]"])
  expect(resolve.mock.calls.flat()).toEqual(["id.example.com", "id.example.com"])
})

test("Node's resolver tells every address of a name", async () => {
  const { resolve: resolveByNode } = await vi.importActual<typeof resolver>("#resolve")
  const addresses = await resolveByNode("localhost")
  expect(addresses.length).toBeGreaterThan(0)
  expect(addresses.every((address) => ["127.0.0.1", "::1"].includes(address))).toBe(true)
  expect(await resolveByNode(publicAddress)).toEqual([publicAddress])
})
