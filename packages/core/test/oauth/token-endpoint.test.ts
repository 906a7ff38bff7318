import { inspect } from "node:util"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import type { Lies } from "./hostile-provider/lies.js"
import type { OAuthHost } from "./oauth-app.js"
import { type PlayedKind, play } from "./played-kind.js"
import { providerKinds } from "./provider-kinds.js"
import { expectRefused, type Refused } from "./refused-id-token.js"

// Every bad answer of a token endpoint: refused with its cause, nothing of its text repeated, and the next attempt works.

const canary = "canary-6d1f of the provider"
const refused = (detail: string): Refused => ({ cause: "token_refused", detail })
const down = (detail: string): Refused => ({ cause: "provider_unavailable", detail })

const answer = (lies: NonNullable<NonNullable<Lies["answers"]>["token"]>): Lies => ({
  answers: { token: lies },
})
const error = (status: number, body: object): Lies =>
  answer({ status, raw: JSON.stringify({ error_description: canary, error_uri: canary, ...body }) })

const rows: readonly (readonly [name: string, lies: Lies, expected: Refused])[] = [
  // It says no.
  ["an error", error(400, { error: "invalid_grant" }), refused("invalid_grant")],
  ["an error with 401", error(401, { error: "invalid_client" }), refused("invalid_client")],
  [
    "an error with 200, as GitHub's",
    error(200, { error: "bad_verification_code" }),
    refused("bad_verification_code"),
  ],
  [
    "an error beside a token",
    error(200, { error: "x", access_token: canary, token_type: "bearer", id_token: canary }),
    refused("x"),
  ],
  ["an error that is text", error(400, { error: canary }), refused("unknown")],
  ["an error that is an object", error(400, { error: { code: canary } }), refused("unknown")],
  ["an error that is null", error(400, { error: null }), refused("unknown")],
  ["an error of 65 characters", error(400, { error: "x".repeat(65) }), refused("unknown")],
  ["an error with a line feed", error(400, { error: "invalid_grant\n" }), refused("unknown")],
  // It says nothing that could be understood.
  ["403 and no JSON", answer({ status: 403, raw: canary }), refused("unknown")],
  ["404", answer({ status: 404, raw: "" }), refused("unknown")],
  ["201 is as good as 200, but empty", answer({ status: 201, raw: "" }), refused("no_access_token")],
  ["204", answer({ status: 204 }), refused("no_access_token")],
  ["an empty body", answer({ raw: "" }), refused("no_access_token")],
  [
    "HTML",
    answer({ raw: `<p>${canary}`, headers: { "content-type": "text/html" } }),
    refused("no_access_token"),
  ],
  [
    "a form, as GitHub's old one",
    answer({ raw: `access_token=${canary}&token_type=bearer` }),
    refused("no_access_token"),
  ],
  ["half of its JSON", answer({ raw: '{"access_token":"canary-6d1f' }), refused("no_access_token")],
  [
    "bytes that are no text",
    answer({ raw: Uint8Array.of(0xff, 0xfe, 0x00, 0x7b) }),
    refused("no_access_token"),
  ],
  ["a list", { token: (truth) => [truth] }, refused("no_access_token")],
  ["null", { token: () => null }, refused("no_access_token")],
  ["text", { token: () => canary }, refused("no_access_token")],
  ["a number", { token: () => 1 }, refused("no_access_token")],
  // It grants something else.
  ["no access token", { token: { access_token: undefined } }, refused("no_access_token")],
  ["an empty access token", { token: { access_token: "" } }, refused("no_access_token")],
  ["an access token that is a number", { token: { access_token: 1 } }, refused("no_access_token")],
  ["an access token that is a list", { token: { access_token: [canary] } }, refused("no_access_token")],
  ["no token type", { token: { token_type: undefined } }, refused("token_type")],
  ["token type mac", { token: { token_type: "mac" } }, refused("token_type")],
  ["token type DPoP", { token: { token_type: "DPoP" } }, refused("token_type")],
  ["token type N_A", { token: { token_type: "N_A" } }, refused("token_type")],
  ["a token type that is a list", { token: { token_type: ["bearer"] } }, refused("token_type")],
  // It does not answer, or not as one may.
  ["500", answer({ status: 500, raw: canary }), down("unavailable")],
  ["503 with an error", error(503, { error: "temporarily_unavailable" }), down("unavailable")],
  ["503 with a token", answer({ status: 503 }), down("unavailable")],
  ["429", error(429, { error: "slow_down" }), down("unavailable")],
  ["a redirect to another address", answer({ redirect: "/trap" }), down("redirected")],
  ["a redirect that keeps the method", answer({ redirect: "/trap", status: 307 }), down("redirected")],
  ["a redirect to itself", answer({ redirect: "/token", status: 308 }), down("redirected")],
  ["300 without an address", answer({ status: 300 }), down("redirected")],
  ["600 kB", answer({ padTo: 600_000 }), down("too_large")],
  ["a body without end", answer({ endless: true }), down("too_large")],
  ["a connection that ends", answer({ hangUp: true }), down("unreachable")],
]

/** Answers that are right, though few give them. */
const right: readonly (readonly [name: string, lies: Lies])[] = [
  ["token type in small letters", { token: { token_type: "bearer" } }],
  ["token type in capitals", { token: { token_type: "BEARER" } }],
  ["another content type", answer({ headers: { "content-type": "text/plain" } })],
  ["no lifetime", { token: { expires_in: undefined } }],
  ["a lifetime that is text", { token: { expires_in: "3600" } }],
  ["a lifetime that is none", { token: { expires_in: "soon" } }],
  ["a refresh token that is none", { token: { refresh_token: { canary } } }],
  ["500 kB", answer({ padTo: 500_000 })],
]

const patient = new Set(["oidc()", "google()", "oauth2()", "arctic, GitLab", "arctic, KeyCloak, ID token"])

describe.each(providerKinds)("$name", (kind) => {
  let played: PlayedKind
  let host: OAuthHost
  beforeAll(async () => {
    played = await play(kind)
  })
  beforeEach(() => {
    played.reset()
    host = played.host()
  })
  afterAll(() => played.remote.stop())

  async function expectNo(lies: Lies, expected: Refused): Promise<void> {
    played.remote.lie(lies)
    const reason = expected.cause === "provider_unavailable" ? "oauth_unavailable" : "oauth_failed"
    await expectRefused(played, expected, { host, reason })
    expect(played.remote.requests.token).toHaveLength(1)
    expect([played.remote.requests.userinfo, played.remote.requests.githubUser]).toEqual([[], []])
    expect(inspect([host.events, host.faults], { depth: 9 })).not.toContain("canary")
  }

  async function expectRetried(): Promise<void> {
    played.remote.lies = {}
    expect(await played.signIn(host.browser())).toBe("/workspace")
  }

  test.each(rows)("%s", async (_, lies, expected) => {
    await expectNo(lies, expected)
    await expectRetried()
  })

  // One of every family: it takes its time.
  if (patient.has(kind.name)) {
    test.each(["headers", "body"] as const)("%s that never come", async (stall) => {
      // Discovery is done before the bound gets shorter: nothing else is meant to wait.
      await played.depart(host.browser())
      const { timeout } = AbortSignal
      const bounds = vi
        .spyOn(AbortSignal, "timeout")
        .mockImplementation((ms) => timeout.call(AbortSignal, ms / 10))
      await expectNo(answer({ stall }), down("timed_out"))
      expect(new Set(bounds.mock.calls.flat())).toEqual(new Set([5000]))
      bounds.mockRestore()
      await expectRetried()
    })
  }

  test.each(right)("right: %s", async (_, lies) => {
    played.remote.lie(lies)
    expect(await played.signIn(host.browser())).toBe("/workspace")
  })

  test("no ID token", async () => {
    played.remote.lie({ token: { id_token: undefined } })
    if (kind.proof === "api") expect(await played.signIn(host.browser())).toBe("/workspace")
    else await expectRefused(played, { cause: "id_token_invalid", detail: "missing" }, { host })
  })

  test.each([1, null, [], {}, ""])("an ID token that is %j", async (id_token) => {
    played.remote.lie({ token: { id_token } })
    if (kind.proof === "api") expect(await played.signIn(host.browser())).toBe("/workspace")
    else await expectRefused(played, { cause: "id_token_invalid", detail: "missing" }, { host })
  })

  test("the request says who the client is in one way, and tells the browser's secrets to nobody", async () => {
    const browser = host.browser()
    const { url, parameters } = await played.depart(browser)
    await played.comeBack(browser, parameters)
    const [request] = played.remote.requests.token
    const basic = request?.headers.authorization !== undefined
    const inBody = request?.form.has("client_secret") ?? false
    expect([basic, inBody]).toEqual(played.remote.clientSecret === "" ? [false, false] : [basic, !basic])
    const said = `${request?.url.href} ${request?.body} ${JSON.stringify(request?.headers)}`
    for (const secret of [
      browser.cookies.get("__Host-oauth"),
      url.searchParams.get("state"),
      url.searchParams.get("nonce"),
    ])
      expect(said).not.toContain(secret)
    expect([request?.method, request?.url.search, request?.headers.cookie]).toEqual(["POST", "", undefined])
    expect(request?.headers).toMatchObject({
      accept: "application/json",
      "content-type": expect.stringMatching(/^application\/x-www-form-urlencoded\b/),
      "user-agent": expect.stringMatching(/\w/),
    })
  })
})
