import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { oidc } from "../../src/oauth.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { comeBack, depart, locationOf, type OAuthHost, oauthApp } from "./oauth-app.js"

// A provider under development, on this machine: only an origin that the host named, exactly that one, is asked.

let remote: HostileProvider
let port: string
beforeAll(async () => {
  remote = await startHostileProvider({ hostname: "localhost" })
  port = new URL(remote.origin).port
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

function hostFor(issuer: string, loopback: readonly string[], fetch?: typeof globalThis.fetch): OAuthHost {
  const { clientId, clientSecret } = remote
  const provider = oidc({ name: "remote", label: "Remote", issuer, clientId, clientSecret })
  return oauthApp(remote, {
    providers: [provider],
    oauth: { network: { loopback, ...(fetch ? { fetch } : {}) } },
  })
}

describe("an origin that is named", () => {
  test("is asked over http, by the platform's own fetch", async () => {
    const host = hostFor(remote.issuer, [remote.origin])
    const browser = host.browser()
    const { parameters } = await depart(browser, remote)
    expect(locationOf(await comeBack(browser, parameters))).toBe("/workspace")
    expect(remote.requests.token).toHaveLength(1)
  })

  test.each([
    ["another name of the same", (p: string) => `http://127.0.0.1:${p}`],
    ["its IPv6 name", (p: string) => `http://[::1]:${p}`],
    ["another port", (p: string) => `http://localhost:${Number(p) ^ 1}`],
    ["no port", () => "http://localhost"],
    ["https", (p: string) => `https://localhost:${p}`],
    ["a dot at the end", (p: string) => `http://localhost.:${p}`],
    ["a name below it", (p: string) => `http://api.localhost:${p}`],
    ["shortened", (p: string) => `http://127.1:${p}`],
    ["mapped into IPv6", (p: string) => `http://[::ffff:127.0.0.1]:${p}`],
  ])("does not name %s", (_, other) => {
    const fetch = vi.fn<typeof globalThis.fetch>()
    expect(() => hostFor(other(port), [remote.origin], fetch)).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_PROVIDER" }),
    )
    expect(fetch).not.toHaveBeenCalled()
  })

  test.each([
    ["another name of the same", (p: string) => `http://127.0.0.1:${p}/jwks`],
    ["another port", () => "http://localhost:1/jwks"],
    ["https", (p: string) => `https://localhost:${p}/jwks`],
    ["a user in front", (p: string) => `http://user:secret@localhost:${p}/jwks`],
    ["a password in front", (p: string) => `http://:secret@localhost:${p}/jwks`],
    ["no host of it", (p: string) => `http://localhost:${p}@127.0.0.1/jwks`],
    ["a host that begins like it", (p: string) => `http://localhost:${p}.evil.example/jwks`],
    ["another scheme", (p: string) => `ftp://localhost:${p}/jwks`],
  ])("and discovery there does not open %s", async (_, address) => {
    remote.lie({ discovery: { jwks_uri: address(port) } })
    const host = hostFor(remote.issuer, [remote.origin])
    const answer = await host.browser().get("/auth/oauth/remote")
    expect(locationOf(answer)).toBe("/sign-in?error=oauth_failed&provider=remote")
    expect(host.events).toMatchObject([{ cause: "response_invalid", detail: "address_refused" }])
    expect(remote.requests.all.map(({ endpoint }) => endpoint)).toEqual(["discovery"])
  })

  test("nothing on this machine is named by default", () => {
    expect(() => hostFor(remote.issuer, [])).toThrow(expect.objectContaining({ code: "ERR_CONFIG_PROVIDER" }))
    const { clientId, clientSecret, issuer } = remote
    const provider = oidc({ name: "remote", label: "Remote", issuer, clientId, clientSecret })
    expect(() => oauthApp(remote, { providers: [provider], oauth: { network: {} } })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_PROVIDER" }),
    )
  })
})

describe("network.loopback takes loopback origins, written as origins", () => {
  test.each([
    "http://localhost:4100",
    "http://127.0.0.1:4100",
    "http://[::1]:4100",
    "https://localhost",
    "http://localhost/",
  ])("%s", (origin) => void hostFor("https://id.example.com", [origin]))

  test.each([
    "http://10.0.0.1:4100",
    "http://192.168.0.1",
    "http://id.example.com",
    "https://id.example.com",
    "http://169.254.169.254",
    "http://localhost.evil.example",
    "http://api.localhost:4100",
    "http://localhost:4100/path",
    "http://localhost:4100?x",
    "http://localhost:4100#x",
    "http://user@localhost:4100",
    "http://localhost:80",
    "http://LOCALHOST:4100",
    "http://127.1:4100",
    "http://127.0.0.2:4100",
    "http://0.0.0.0:4100",
    "http://localhost:*",
    "http://*",
    "*",
    "localhost:4100",
    "localhost",
    "ftp://localhost:4100",
    "file://localhost",
    "",
  ])("%j is refused", (origin) => {
    expect(() => hostFor("https://id.example.com", [origin])).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_PROVIDER" }),
    )
  })
})
