import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { oidc } from "../../src/oauth.js"
import type { Lies } from "./hostile-provider/lies.js"
import { locationOf, type OAuthHost } from "./oauth-app.js"
import { expectNobody, type PlayedKind, play, refusalIn } from "./played-kind.js"
import { providerKinds } from "./provider-kinds.js"
import type { Refused } from "./refused-id-token.js"

// What a provider says of itself is believed only if it is the one that the host named; nothing wrong is kept.

const wrong = (detail: string): Refused => ({ cause: "response_invalid", detail })
const down = (detail: string): Refused => ({ cause: "provider_unavailable", detail })
const otherIssuer = wrong("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED")
const answer = (lies: NonNullable<NonNullable<Lies["answers"]>["discovery"]>): Lies => ({
  answers: { discovery: lies },
})

const rows: readonly (readonly [name: string, lies: Lies, refused: Refused])[] = [
  ["another issuer", { discovery: { issuer: "https://evil.example" } }, otherIssuer],
  [
    "an issuer with a path more",
    { discovery: (truth) => ({ ...truth, issuer: `${truth["issuer"]}/x` }) },
    otherIssuer,
  ],
  [
    "an issuer with a query",
    { discovery: (truth) => ({ ...truth, issuer: `${truth["issuer"]}?x` }) },
    otherIssuer,
  ],
  ["an issuer at another port", { discovery: { issuer: "http://127.0.0.1:1" } }, otherIssuer],
  ["no issuer", { discovery: { issuer: undefined } }, wrong("OAUTH_INVALID_RESPONSE")],
  ["an empty issuer", { discovery: { issuer: "" } }, wrong("OAUTH_INVALID_RESPONSE")],
  [
    "an issuer that is a list",
    { discovery: (truth) => ({ ...truth, issuer: [truth["issuer"] ?? ""] }) },
    wrong("OAUTH_INVALID_RESPONSE"),
  ],
  ["an issuer that is no address", { discovery: { issuer: "x" } }, wrong("ERR_INVALID_URL")],
  ["a list", { discovery: () => [] }, wrong("OAUTH_INVALID_RESPONSE")],
  ["null", { discovery: () => null }, wrong("OAUTH_INVALID_RESPONSE")],
  [
    "no authorization endpoint",
    { discovery: { authorization_endpoint: undefined } },
    wrong("incomplete_discovery"),
  ],
  ["no token endpoint", { discovery: { token_endpoint: undefined } }, wrong("incomplete_discovery")],
  ["no keys", { discovery: { jwks_uri: undefined } }, wrong("incomplete_discovery")],
  ["not JSON", answer({ raw: "<html>" }), wrong("OAUTH_PARSE_ERROR")],
  ["404", answer({ status: 404 }), wrong("OAUTH_RESPONSE_IS_NOT_CONFORM")],
  ["204", answer({ status: 204 }), wrong("OAUTH_RESPONSE_IS_NOT_CONFORM")],
  ["500", answer({ status: 500 }), down("unavailable")],
  ["429", answer({ status: 429 }), down("unavailable")],
  ["a redirect", answer({ redirect: "/trap" }), down("redirected")],
  ["600 kB", answer({ padTo: 600_000 }), down("too_large")],
  ["a body without end", answer({ endless: true }), down("too_large")],
  ["a connection that ends", answer({ hangUp: true }), down("unreachable")],
]

/** Types that no document should have, where only some of it is read. */
const odd: readonly (readonly [name: string, lies: Lies])[] = [
  [
    "methods of authentication that are a text",
    { discovery: { token_endpoint_auth_methods_supported: "client_secret_basic" } },
  ],
  [
    "methods of authentication that are a number",
    { discovery: { token_endpoint_auth_methods_supported: 1 } },
  ],
  ["methods of authentication that are null", { discovery: { token_endpoint_auth_methods_supported: null } }],
  [
    "a promise of iss that is a text",
    { discovery: { authorization_response_iss_parameter_supported: "false" } },
  ],
  ["algorithms that are an object", { discovery: { id_token_signing_alg_values_supported: {} } }],
]

describe.each(providerKinds.filter(({ name }) => name.startsWith("oidc")))("$name", (kind) => {
  let played: PlayedKind
  let host: OAuthHost
  beforeAll(async () => {
    played = await play(kind)
  })
  beforeEach(() => {
    played.reset()
    host = played.host()
  })
  afterAll(() => {
    vi.useRealTimers()
    return played.remote.stop()
  })

  test.each(rows)("%s; the next start asks anew", async (_, lies, refused) => {
    played.remote.lie(lies)
    const reason = refused.cause === "provider_unavailable" ? "oauth_unavailable" : "oauth_failed"
    const browser = host.browser()
    const answers = [
      await browser.post("/auth/oauth/remote", { form: { return_to: "/x" } }),
      await browser.get("/auth/oauth/remote?return_to=/x"),
    ]
    for (const each of answers)
      expect(locationOf(each)).toBe(`/sign-in?error=${reason}&provider=remote&return_to=%2Fx`)
    const script = await browser.post("/auth/oauth/remote", { json: {} })
    expect([script.status, (await script.json()).reason]).toEqual([
      reason === "oauth_failed" ? 502 : 503,
      reason,
    ])
    expect([...answers, script].flatMap((each) => each.headers.getSetCookie())).toEqual([])
    for (const event of host.events) expect(refusalIn({ events: [event] })).toMatchObject(refused)
    expect(played.remote.requests.all.map(({ endpoint }) => endpoint)).toEqual(Array(3).fill("discovery"))
    await expectNobody(host, browser)

    played.remote.lies = {}
    expect(await played.signIn(browser)).toBe("/workspace")
  })

  test.each(odd)("%s break nothing", async (_, lies) => {
    played.remote.lie(lies)
    const browser = host.browser()
    const location = locationOf(await browser.get("/auth/oauth/remote"))
    expect(location).toMatch(/\/authorize\?|^\/sign-in\?error=oauth_failed/)
    expect(host.faults).toEqual([])
  })

  test("it is asked for once, by however many, and again after an hour", async () => {
    const starts = Array.from({ length: 16 }, () => host.browser().get("/auth/oauth/remote"))
    for (const each of await Promise.all(starts)) expect(locationOf(each)).toContain("/authorize?")
    expect(played.remote.requests.discovery).toHaveLength(1)
    host.clock.advance(3_599_999)
    await host.browser().get("/auth/oauth/remote")
    expect(played.remote.requests.discovery).toHaveLength(1)
    host.clock.advance(1)
    await host.browser().get("/auth/oauth/remote")
    expect(played.remote.requests.discovery).toHaveLength(2)
  })

  test("a slash more in the host's issuer: nobody is kept under a spelling that the ID token does not have", async () => {
    const { clientId, clientSecret, issuer } = played.remote
    const secret = clientSecret === "" ? {} : { clientSecret }
    const { responseMode } = kind
    const provider = oidc({
      name: "remote",
      label: "R",
      issuer: `${issuer}/`,
      clientId,
      ...secret,
      responseMode,
    })
    const slashed = played.host({ providers: [provider] })
    const browser = slashed.browser()
    const location = locationOf(await browser.get("/auth/oauth/remote"))
    if (location.startsWith("/")) return expectNobody(slashed, browser)
    await played.comeBack(browser, played.remote.authorize(location))
    const [user] = await slashed.stores.users.list({ limit: 1 })
    const [identity] = user ? await slashed.stores.credentials.listByUser(user.id) : []
    if (identity) expect(identity.handle).toBe(`${issuer}|248289761001`)
  })
})
