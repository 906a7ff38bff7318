import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { oauth2, oidc, type Provider } from "../../src/oauth.js"
import { publicHosts, refusedAddresses, refusedUrls } from "./addresses.js"
import type { JsonObject } from "./hostile-provider/lies.js"
import type { OAuthHost } from "./oauth-app.js"
import { expectNobody, type PlayedKind, play } from "./played-kind.js"
import { providerKinds } from "./provider-kinds.js"
import { expectRefused } from "./refused-id-token.js"

// Addresses that somebody else wrote (discovery, a provider's API) lead nowhere but to the public internet, and to it by https. Every host that
// is asked all the same would be brought to the hostile provider by `network.fetch`, and be seen there.

const [kind] = providerKinds
const urls = [
  ...refusedAddresses.map(([what, hosts]) => [what, hosts.map((host) => `https://${host}/jwks`)] as const),
  ...refusedUrls.map((url) => [JSON.stringify(url), [url]] as const),
]

let played: PlayedKind
beforeAll(async () => {
  if (!kind) throw new Error("no kind")
  played = await play(kind)
})
beforeEach(() => played.reset())
afterAll(() => played.remote.stop())

const askedOrigins = (): string[] => [...new Set(played.remote.requests.all.map(({ url }) => url.origin))]

describe.each(["authorization_endpoint", "token_endpoint", "jwks_uri"])("discovery names %s", (endpoint) => {
  test.each(urls)("%s", async (_, addresses) => {
    for (const address of addresses) await expectNothingBegins({ [endpoint]: address }, "address_refused")
  })

  test.each([
    ["a number", 1],
    ["a list", ["https://id.example.com/x"]],
    ["an object", {}],
    ["true", true],
  ])("%s", (_, address) => expectNothingBegins({ [endpoint]: address }, expect.any(String)))

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty text", ""],
  ])("%s", (_, address) => expectNothingBegins({ [endpoint]: address }, "incomplete_discovery"))

  async function expectNothingBegins(discovery: JsonObject, detail: string): Promise<void> {
    played.reset()
    played.remote.lie({ discovery })
    const host = played.host()
    const browser = host.browser()
    const answer = await browser.get("/auth/oauth/remote")
    expect(answer.headers.get("location"), JSON.stringify(discovery)).toBe(
      "/sign-in?error=oauth_failed&provider=remote",
    )
    expect(host.events).toMatchObject([{ type: "sign_in.refused", cause: "response_invalid", detail }])
    expect(played.remote.requests.all.map((each) => each.endpoint)).toEqual(["discovery"])
    await expectNobody(host, browser)
  }
})

describe("discovery names userinfo_endpoint", () => {
  test.each(urls)("%s", async (_, addresses) => {
    for (const address of addresses) {
      played.reset()
      played.remote.lie({
        discovery: { userinfo_endpoint: address },
        idToken: { claims: { email: undefined } },
      })
      await expectRefused(played, { cause: "profile_invalid", detail: expect.any(String) })
      expect(played.remote.requests.userinfo).toEqual([])
      expect(askedOrigins()).toEqual([played.remote.origin])
    }
  })
})

describe("a host's profile asks an address that the provider's API named", () => {
  test.each(urls)("%s", async (_, addresses) => {
    for (const address of addresses) {
      played.reset()
      const host = played.host({ providers: [apiProvider(address)] })
      const trip = await played.depart(host.browser())
      const { remote } = played
      await expectRefused(
        { ...played, depart: played.depart },
        { cause: "profile_invalid", detail: "address_refused" },
        { host },
      )
      expect([trip.parameters.size > 0, remote.requests.token.length, remote.requests.userinfo]).toEqual([
        true,
        1,
        [],
      ])
      expect(askedOrigins()).toEqual(["https://social.example.com"])
    }
  })
})

describe("what is on the internet is asked", () => {
  test.each(publicHosts)("%s", async (name) => {
    const base = `https://${name}`
    played.remote.lie({
      discovery: {
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
        jwks_uri: `${base}/jwks`,
      },
    })
    expect(await played.signIn(played.host().browser())).toBe("/workspace")
    expect(played.remote.requests.token[0]?.url.origin).toBe(new URL(base).origin)
    expect(played.remote.requests.jwks[0]?.url.origin).toBe(new URL(base).origin)
  })
})

describe("a host configures an address that cannot be asked", () => {
  const { clientId, clientSecret } = { clientId: "mortise", clientSecret: "x" }
  const api = {
    name: "remote",
    label: "Remote",
    clientId,
    clientSecret,
    scopes: [],
    profile: async () => ({ subject: "1" }),
  }
  const issuer = "https://social.example.com"
  const [authorizationEndpoint, tokenEndpoint] = [`${issuer}/authorize`, `${issuer}/token`]

  test.each<[string, (address: string) => Provider]>([
    [
      "oidc issuer",
      (address) => oidc({ name: "remote", label: "Remote", issuer: address, clientId, clientSecret }),
    ],
    [
      "authorizationEndpoint",
      (address) => oauth2({ ...api, issuer, authorizationEndpoint: address, tokenEndpoint }),
    ],
    ["tokenEndpoint", (address) => oauth2({ ...api, issuer, authorizationEndpoint, tokenEndpoint: address })],
  ])("%s", (_, provider) => {
    for (const address of urls.flatMap(([, addresses]) => addresses)) {
      const construct = (): OAuthHost => played.host({ providers: [provider(address)] })
      expect(construct, address).toThrow(expect.objectContaining({ code: "ERR_CONFIG_PROVIDER" }))
    }
    expect(played.remote.requests.all).toEqual([])
  })
})

describe("redirects are not followed", () => {
  test.each(["discovery", "jwks", "userinfo", "token"] as const)("of %s", async (endpoint) => {
    for (const redirect of [
      played.remote.trap,
      "https://169.254.169.254/latest",
      "http://localhost/",
      "/trap",
    ]) {
      for (const status of [301, 302, 303, 307, 308]) {
        played.reset()
        played.remote.lie({
          answers: { [endpoint]: { redirect, status } },
          idToken: { claims: { email: undefined } },
        })
        const host = played.host()
        const browser = host.browser()
        const begun = await browser.get("/auth/oauth/remote")
        const location = begun.headers.get("location") ?? ""
        const end = location.startsWith("/")
          ? location
          : (await played.comeBack(browser, played.remote.authorize(location))).headers.get("location")
        expect(end).toBe("/sign-in?error=oauth_unavailable&provider=remote")
        expect(host.events).toMatchObject([{ cause: "provider_unavailable", detail: "redirected" }])
        expect(played.remote.requests.trap).toEqual([])
        expect(askedOrigins()).toEqual([played.remote.origin])
      }
    }
  })
})

describe("bounds", () => {
  test("512 KiB are read, and not one byte more", async () => {
    played.remote.lie({ answers: { discovery: { padTo: 524_288 } } })
    expect(await played.signIn(played.host().browser())).toBe("/workspace")
    played.remote.lie({ answers: { discovery: { padTo: 524_289 } } })
    await expectUnavailable("too_large")
  })

  test("what is small on the line, and large when it is unpacked, is too large", async () => {
    const raw = gzipSync(Buffer.alloc(20_000_000, " "))
    expect(raw.length).toBeLessThan(100_000)
    played.remote.lie({ answers: { discovery: { raw, headers: { "content-encoding": "gzip" } } } })
    await expectUnavailable("too_large")
  })

  test("five seconds, not more, and not less", async () => {
    played.remote.lie({ answers: { discovery: { stall: "headers" } } })
    const before = performance.now()
    await expectUnavailable("timed_out")
    expect(performance.now() - before).toBeGreaterThan(4900)
    expect(performance.now() - before).toBeLessThan(9000)
  })

  test("a fetch of the host's own that heeds no signal is not waited for longer", async () => {
    const host = played.host({
      oauth: { network: { loopback: [played.remote.origin], fetch: () => new Promise(() => {}) } },
    })
    await expectUnavailable("timed_out", host)
  })

  async function expectUnavailable(detail: string, host = played.host()): Promise<void> {
    const answer = await host.browser().get("/auth/oauth/remote")
    expect(answer.headers.get("location")).toBe("/sign-in?error=oauth_unavailable&provider=remote")
    expect(host.events).toMatchObject([{ cause: "provider_unavailable", detail }])
  }
})

/** Its profile asks `address`, as one does that follows a link in the API's answer. */
function apiProvider(address: string): Provider {
  const { clientId, clientSecret } = played.remote
  return oauth2({
    name: "remote",
    label: "Remote",
    clientId,
    clientSecret,
    issuer: "https://social.example.com",
    authorizationEndpoint: "https://social.example.com/authorize",
    tokenEndpoint: "https://social.example.com/token",
    scopes: ["email"],
    profile: async (api) => ({ subject: String(await api(address)) }),
  })
}
