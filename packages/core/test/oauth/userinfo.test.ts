import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { oidc, standardProfile } from "../../src/oauth.js"
import type { Lies } from "./hostile-provider/lies.js"
import type { OAuthHost } from "./oauth-app.js"
import { type PlayedKind, play } from "./played-kind.js"
import { type ProviderKind, providerKinds } from "./provider-kinds.js"
import { expectRefused, type Refused } from "./refused-id-token.js"

// What a provider's API says of the user. At UserInfo the `sub` must be the ID token's (OpenID Connect Core §5.3.2); elsewhere the API is all
// that says who came.

const wrong = (detail: string): Refused => ({ cause: "profile_invalid", detail })
const down = (detail: string): Refused => ({ cause: "provider_unavailable", detail })

/** The ID token tells no address, so UserInfo is asked. */
const silent: Lies = { idToken: { claims: { email: undefined, email_verified: undefined } } }

const subjects: readonly (readonly [name: string, lies: Lies, refused: Refused])[] = [
  ["another sub", { userinfo: { sub: "1" } }, wrong("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED")],
  ["sub in other case", userinfoOf("ABC"), wrong("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED")],
  ["no sub", { userinfo: { sub: undefined } }, wrong("OAUTH_INVALID_RESPONSE")],
  ["an empty sub", { userinfo: { sub: "" } }, wrong("OAUTH_INVALID_RESPONSE")],
  ["sub is a number", { userinfo: { sub: 248289761001 } }, wrong("OAUTH_INVALID_RESPONSE")],
  ["sub is a list", { userinfo: { sub: ["248289761001"] } }, wrong("OAUTH_INVALID_RESPONSE")],
  ["a list", { userinfo: () => [{ sub: "248289761001" }] }, wrong("OAUTH_INVALID_RESPONSE")],
  ["null", { userinfo: () => null }, wrong("OAUTH_INVALID_RESPONSE")],
  [
    "a JWT of another sub",
    { userinfo: { sub: "1" }, userinfoJwt: {} },
    wrong("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"),
  ],
  [
    "a JWT for another client",
    { userinfoJwt: { claims: { aud: "another" } } },
    wrong("OAUTH_JWT_CLAIM_COMPARISON_FAILED"),
  ],
  [
    "a JWT of another issuer",
    { userinfoJwt: { claims: { iss: "https://evil.example" } } },
    wrong("OAUTH_JWT_CLAIM_COMPARISON_FAILED"),
  ],
  ["a JWT without signature", { userinfoJwt: { signature: "unsigned" } }, wrong("OAUTH_INVALID_RESPONSE")],
]

/** What every API can do wrong, at the address that the kind asks. */
const answers = (
  endpoint: "userinfo" | "githubUser" | "githubEmails",
): (readonly [string, Lies, Refused])[] => [
  ["not JSON", { answers: { [endpoint]: { raw: "<html>" } } }, wrong(expect.any(String))],
  ["an empty body", { answers: { [endpoint]: { raw: "" } } }, wrong(expect.any(String))],
  ["401", { answers: { [endpoint]: { status: 401 } } }, wrong(expect.any(String))],
  ["403", { answers: { [endpoint]: { status: 403 } } }, wrong(expect.any(String))],
  ["503", { answers: { [endpoint]: { status: 503 } } }, down("unavailable")],
  ["429", { answers: { [endpoint]: { status: 429 } } }, down("unavailable")],
  ["600 kB", { answers: { [endpoint]: { padTo: 600_000 } } }, down("too_large")],
  ["a body without end", { answers: { [endpoint]: { endless: true } } }, down("too_large")],
  ["a redirect", { answers: { [endpoint]: { redirect: "/trap" } } }, down("redirected")],
  ["no answer", { answers: { [endpoint]: { hangUp: true } } }, down("unreachable")],
]

const oidcKinds = providerKinds.filter(({ name }) => name.startsWith("oidc"))
const apiKinds = providerKinds.filter(({ proof }) => proof === "api")
const githubKinds = apiKinds.filter(isGithub)

describe.each(oidcKinds)("UserInfo, $name", (kind) => {
  const { played, host } = stage(kind)
  beforeEach(() => played().remote.lie(silent))

  test("tells what the ID token does not, with the access token in the header", async () => {
    expect(await played().signIn(host().browser())).toBe("/workspace")
    expect((await host().stores.users.findByEmail("ada@example.com"))?.emailVerifiedAt).toBe(host().clock())
    const [request, ...more] = played().remote.requests.userinfo
    expect([request?.headers.authorization, more]).toEqual([expect.stringMatching(/^Bearer [\w-]{32}$/), []])
    expect(request?.url.search).toBe("")
  })

  test("is not asked where the ID token tells it", async () => {
    played().remote.lies = {}
    expect(await played().signIn(host().browser())).toBe("/workspace")
    expect(played().remote.requests.userinfo).toEqual([])
  })

  test("never says who came, or who vouches, whatever the host makes of the claims", async () => {
    const { clientId, clientSecret, issuer } = played().remote
    const seen: object[] = []
    const provider = oidc({
      name: "remote",
      label: "Remote",
      issuer,
      clientId,
      ...(clientSecret === "" ? {} : { clientSecret }),
      responseMode: kind.responseMode,
      profile(claims) {
        seen.push(claims)
        return standardProfile(claims)
      },
    })
    const made = played().host({ providers: [provider] })
    played().remote.lie({ userinfo: { iss: "https://accounts.google.com", aud: "x", exp: 0 } })
    expect(await played().signIn(made.browser())).toBe("/workspace")
    expect(seen).toMatchObject([{ iss: issuer, sub: "248289761001", email: "ada@example.com" }])
    const user = await made.stores.users.findByEmail("ada@example.com")
    const [identity] = await made.stores.credentials.listByUser(user?.id ?? "")
    expect(identity?.handle).toBe(`${issuer}|248289761001`)
  })

  test("of one user is not taken for another, whom the ID token names", async () => {
    const claims = { email: undefined, email_verified: undefined, sub: "another" }
    played().remote.lie({ idToken: { claims } })
    await expectRefused(played(), wrong("OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"))
  })

  test.each([...subjects, ...answers("userinfo")])("%s", async (_, lies, refused) => {
    played().remote.lie(lies)
    const reason = refused.cause === "provider_unavailable" ? "oauth_unavailable" : "oauth_failed"
    await expectRefused(played(), refused, { host: host(), reason })
    played().remote.lies = silent
    expect(await played().signIn(host().browser())).toBe("/workspace")
  })
})

describe.each(apiKinds)("$name", (kind) => {
  const { played, host } = stage(kind)
  const endpoint = isGithub(kind) ? "githubUser" : "userinfo"
  const told = isGithub(kind) ? (id: string | number | null) => ({ githubUser: { id } }) : userinfoOf

  test.each([
    ...answers(endpoint),
    ...["", "x".repeat(256), "24\n8289761001", "248289761001\0", "адa"].map(
      (id) =>
        [
          `a user called ${JSON.stringify(id.slice(0, 20))}`,
          told(id),
          wrong(isGithub(kind) ? "id" : "subject"),
        ] as const,
    ),
    ["a user without id", told(null), wrong(isGithub(kind) ? "id" : "subject")] as const,
  ])("%s", async (_, lies, refused) => {
    played().remote.lie(lies)
    const reason = refused.cause === "provider_unavailable" ? "oauth_unavailable" : "oauth_failed"
    await expectRefused(played(), refused, { host: host(), reason })
    played().remote.lies = {}
    expect(await played().signIn(host().browser())).toBe("/workspace")
  })
})

describe.each(githubKinds)("$name, its addresses", (kind) => {
  const { played, host } = stage(kind)

  test.each([
    ...answers("githubEmails"),
    ["a list that is none", { githubEmails: () => ({}) }, wrong("emails")] as const,
    ["null", { githubEmails: () => null }, wrong("emails")] as const,
    ["an id that is text", { githubUser: { id: "248289761001" } }, wrong("id")] as const,
    ["an id with a fraction", { githubUser: { id: 1.5 } }, wrong("id")] as const,
    ["an id that is not exact", { githubUser: { id: 2 ** 53 } }, wrong("id")] as const,
  ])("%s", async (_, lies, refused) => {
    played().remote.lie(lies)
    const reason = refused.cause === "provider_unavailable" ? "oauth_unavailable" : "oauth_failed"
    await expectRefused(played(), refused, { host: host(), reason })
  })

  test.each<[string, Lies]>([
    [
      "none of them is primary",
      { githubEmails: [{ email: "ada@example.com", primary: false, verified: true }] },
    ],
    ["there are none", { githubEmails: [] }],
    ["they are no objects", { githubEmails: [null, 1, "ada@example.com"] }],
    ["the primary one is no text", { githubEmails: [{ email: 1, primary: true, verified: true }] }],
    ["primary is text", { githubEmails: [{ email: "ada@example.com", primary: "true", verified: true }] }],
  ])("%s: no address", async (_, lies) => {
    played().remote.lie({ ...lies, githubUser: { email: "ada@example.com" } })
    const refused = { cause: "email_missing" } as const
    await expectRefused(played(), refused, { host: host(), reason: "oauth_email_missing" })
  })

  test.each([false, "true", 1, null])("a primary one that is verified: %j is not", async (verified) => {
    played().remote.lie({ githubEmails: [{ email: "ada@example.com", primary: true, verified }] })
    expect(await played().signIn(host().browser())).toBe("/workspace")
    expect((await host().stores.users.findByEmail("ada@example.com"))?.emailVerifiedAt).toBeNull()
  })
})

function isGithub({ name }: ProviderKind): boolean {
  return /github/i.test(name)
}

function userinfoOf(sub: string | number | null): Lies {
  return { userinfo: { sub } }
}

/** One playing for a block, a fresh host for every test. */
function stage(kind: ProviderKind): { readonly played: () => PlayedKind; readonly host: () => OAuthHost } {
  let playing: { played: PlayedKind; host: OAuthHost } | undefined
  const now = (): { played: PlayedKind; host: OAuthHost } => {
    if (!playing) throw new Error("not started")
    return playing
  }
  beforeAll(async () => {
    const played = await play(kind)
    playing = { played, host: played.host() }
  })
  beforeEach(() => {
    now().played.reset()
    playing = { played: now().played, host: now().played.host() }
  })
  afterAll(() => now().played.remote.stop())
  return { played: () => now().played, host: () => now().host }
}
