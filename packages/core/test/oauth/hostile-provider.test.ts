import { Authentik, Gitea, GitLab, generateCodeVerifier, KeyCloak, Mastodon } from "arctic"
import { decodeJwt } from "jose"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import type { Check } from "./hostile-provider/lies.js"
import { redirectUri, referenceRefresh, referenceSignIn } from "./hostile-provider/reference-client.js"
import {
  authorizationUrl,
  type Exchange,
  exchange,
  tokenRequest,
  userinfo,
} from "./hostile-provider/requests-by-hand.js"
import type { Algorithm } from "./hostile-provider/signing-key.js"

// What the tests of the oauth flow stand on: as it is, a correct client accepts the provider, and it accepts
// nothing else.

const clock = adjustableClock()
let provider: HostileProvider

beforeAll(async () => {
  provider = await startHostileProvider({ clock })
})
beforeEach(() => {
  clock.set(Date.now())
  provider.reset()
})
afterAll(() => provider.stop())

describe("by default it is a correct provider", () => {
  test.each(["direct", "query", "form_post"] as const)("a sign-in by %s", async (way) => {
    const { claims, tokens, userinfo } = await referenceSignIn(provider, { way })
    expect(claims).toMatchObject({ ...provider.user, iss: provider.issuer, aud: provider.clientId })
    expect(userinfo).toEqual(provider.user)
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 3600, scope: "openid email profile" })
    const { requests } = provider
    const asked = ["discovery", "authorize", "token", "jwks", "userinfo"]
    expect(requests.all.map((request) => request.endpoint)).toEqual(asked)
    expect(requests.token[0]?.form.get("code_verifier")).toMatch(/^[\w-]{43}$/)
    expect(requests.token[0]?.headers.authorization).toMatch(/^Basic /)
  })

  test.each<Algorithm>(["PS256", "ES256", "EdDSA"])("with a key for %s", async (alg) => {
    provider.rotateKeys({ alg })
    expect((await referenceSignIn(provider)).claims.sub).toBe(provider.user.sub)
  })

  test("refresh tokens rotate; one that is used twice ends the family and its access tokens", async () => {
    const signIn = await referenceSignIn(provider)
    const first = signIn.tokens.refresh_token ?? ""
    const refreshed = await referenceRefresh(signIn, first)
    expect(refreshed.refresh_token).not.toBe(first)
    expect((await userinfo(provider, refreshed.access_token)).status).toBe(200)
    await expect(referenceRefresh(signIn, first)).rejects.toMatchObject({ error: "invalid_grant" })
    await expect(referenceRefresh(signIn, refreshed.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    })
    expect((await userinfo(provider, refreshed.access_token)).status).toBe(401)
    provider.lie({ unchecked: ["rotation"] })
    expect((await referenceRefresh(signIn, first)).token_type).toBe("bearer")
  })

  test("a refreshed ID token has the user but no nonce", async () => {
    const signIn = await referenceSignIn(provider)
    const { id_token = "" } = await referenceRefresh(signIn, signIn.tokens.refresh_token ?? "")
    const { nonce, ...before } = signIn.claims
    expect(nonce).toEqual(expect.any(String))
    expect(decodeJwt(id_token)).not.toHaveProperty("nonce")
    expect(decodeJwt(id_token)).toMatchObject({ sub: before.sub, iss: before.iss, aud: before.aud })
  })

  test("UserInfo comes as a signed JWT where a test asks for it", async () => {
    provider.lie({ userinfoJwt: {} })
    expect((await referenceSignIn(provider)).userinfo).toMatchObject(provider.user)
  })

  test("scopes open claims", async () => {
    const { claims, userinfo } = await referenceSignIn(provider, { scope: "openid" })
    expect(userinfo).toEqual({ sub: provider.user.sub })
    expect(claims).not.toHaveProperty("email")
  })

  test.each(["basic", "post", "none"] as const)("a client that authenticates by %s", async (way) => {
    const clientSecret = way === "none" ? "" : "a secret: 100% + ünsafe&="
    const other = await startHostileProvider({ clientSecret, authentication: [way] })
    await referenceSignIn(other, { authentication: way })
    const wrong = way === "basic" ? "post" : "basic"
    await expect(referenceSignIn(other, { authentication: wrong })).rejects.toThrow()
    await other.stop()
  })

  test("as an issuer with a path, discovery has one place", async () => {
    const issuer = "https://id.example.com/realms/x"
    const other = await startHostileProvider({ issuer })
    const at = async (path: string): Promise<number> => (await other.fetch(issuer + path)).status
    expect(await at("/.well-known/openid-configuration")).toBe(200)
    expect(await at("/y/.well-known/openid-configuration")).toBe(404)
    expect((await other.fetch("https://id.example.com/.well-known/openid-configuration")).status).toBe(404)
    expect(other.requests.all.map(({ url }) => url.origin)).toEqual(Array(3).fill("https://id.example.com"))
    await other.stop()
  })

  test("as Microsoft, the tenant in the ID token is the user's", async () => {
    const host = "https://login.microsoftonline.com"
    const other = await startHostileProvider({ issuer: `${host}/{tenantid}/v2.0` })
    other.user = { sub: "1", tid: "11111111-2222-3333-4444-555555555555" }
    const found = await other.fetch(`${host}/common/v2.0/.well-known/openid-configuration`)
    expect(await found.json()).toMatchObject({ issuer: `${host}/{tenantid}/v2.0` })
    const callback = other.authorize(authorizationUrl(other))
    expect(callback.get("iss")).toBe(`${host}/${other.user["tid"]}/v2.0`)
    const address = `${host}/common/oauth2/v2.0/token`
    const answer = await other.fetch(address, tokenRequest(other, { code: callback.get("code") ?? "" }))
    expect(decodeJwt((await answer.json()).id_token)).toMatchObject({
      iss: callback.get("iss"),
      tid: other.user["tid"],
    })
    expect(other.requests.token.map(({ url }) => url.href)).toEqual([address])
    await other.stop()
  })

  test("as GitHub, it tells the user and their addresses", async () => {
    const { access_token } = await (await exchange(provider, { scope: "read:user user:email" })).json()
    const api = async (path: string): Promise<unknown> =>
      (await fetch(provider.origin + path, { headers: { authorization: `Bearer ${access_token}` } })).json()
    expect(await api("/user")).toMatchObject({ id: 248289761001, login: "ada", email: null })
    expect(await api("/user/emails")).toContainEqual(
      expect.objectContaining({ email: "ada@example.com", primary: true, verified: true }),
    )
    provider.lie({ githubUser: { id: null }, githubEmails: [] })
    expect(await api("/user")).toMatchObject({ id: null })
    expect(await api("/user/emails")).toEqual([])
  })
})

describe("arctic's providers find their addresses", () => {
  const withPkce = { KeyCloak, Authentik, Gitea, Mastodon }

  test.each(Object.entries(withPkce))("%s", async (_, Provider) => {
    const client = new Provider(provider.origin, provider.clientId, provider.clientSecret, redirectUri)
    const verifier = generateCodeVerifier()
    const callback = provider.authorize(client.createAuthorizationURL("state", verifier, ["openid"]))
    const tokens = await client.validateAuthorizationCode(callback.get("code") ?? "", verifier)
    expect(tokens.idToken()).toMatch(/^eyJ/)
  })

  test("GitLab, which has no PKCE", async () => {
    const other = await startHostileProvider({ pkce: "optional" })
    const client = new GitLab(other.origin, other.clientId, other.clientSecret, redirectUri)
    const callback = other.authorize(client.createAuthorizationURL("state", ["openid"]))
    const tokens = await client.validateAuthorizationCode(callback.get("code") ?? "")
    expect((await client.refreshAccessToken(tokens.refreshToken())).accessToken()).not.toBe("")
    await other.stop()
  })
})

describe("it is strict", () => {
  test.each<[string, Record<string, string | undefined>]>([
    ["client_id is not", { client_id: "another" }],
    ["response_type is not", { response_type: "token" }],
    ["code_challenge is missing", { code_challenge: undefined }],
    ["code_challenge is not 43", { code_challenge: "short" }],
    ["code_challenge_method is not", { code_challenge_method: "plain" }],
    ["code_challenge_method is not", { code_challenge_method: undefined }],
    ["redirect_uri is not", { redirect_uri: "/callback" }],
    ["response_mode is not", { response_mode: "fragment" }],
  ])("an authorization request whose %s … %j", async (defect, changes) => {
    const url = authorizationUrl(provider, changes)
    expect(() => provider.authorize(url)).toThrow(defect)
    const answer = await fetch(url, { redirect: "manual" })
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null])
  })

  test("an authorization request at another endpoint, or with a parameter twice", () => {
    const url = authorizationUrl(provider)
    expect(() => provider.authorize(url.href.replace("/authorize", "/elsewhere"))).toThrow(
      "/elsewhere is not",
    )
    url.searchParams.append("state", "again")
    expect(() => provider.authorize(url)).toThrow("state is there twice")
  })

  // Each with the check that lets it through, where there is one.
  test.each<[string, Exchange, number, string, Check?]>([
    ["another verifier", { form: { code_verifier: "x".repeat(43) } }, 400, "invalid_grant", "pkce"],
    ["no verifier", { form: { code_verifier: undefined } }, 400, "invalid_grant", "pkce"],
    [
      "another redirect_uri",
      { form: { redirect_uri: "https://app.example.com/" } },
      400,
      "invalid_grant",
      "redirect_uri",
    ],
    ["no redirect_uri", { form: { redirect_uri: undefined } }, 400, "invalid_grant", "redirect_uri"],
    ["an unknown code", { form: { code: "unknown" } }, 400, "invalid_grant", "code"],
    ["a wrong secret", { form: { client_secret: "wrong" } }, 401, "invalid_client", "client"],
    ["no secret", { form: { client_secret: undefined } }, 401, "invalid_client", "client"],
    ["another client", { form: { client_id: "another" } }, 401, "invalid_client", "client"],
    [
      "two ways of authentication",
      { headers: { authorization: "Basic bTpz" } },
      400,
      "invalid_request",
      "client",
    ],
    ["another grant", { form: { grant_type: "password" } }, 400, "unsupported_grant_type"],
    ["a scope that was not granted", { form: { scope: "openid admin" } }, 400, "invalid_scope"],
    ["JSON", { headers: { "content-type": "application/json" } }, 400, "invalid_request"],
    ["a code in the address", { path: "/token?code=x" }, 400, "invalid_request"],
  ])("a token request with %s", async (_, changes, status, error, check) => {
    const refused = await exchange(provider, changes)
    expect([refused.status, (await refused.json()).error]).toEqual([status, error])
    if (!check) return
    provider.lie({ unchecked: [check] })
    expect((await exchange(provider, changes)).status).toBe(200)
  })

  test("of 16 requests with one code, one gets tokens, and then those are worth nothing", async () => {
    const code = provider.authorize(authorizationUrl(provider)).get("code") ?? ""
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => exchange(provider, { form: { code } })),
    )
    const granted = await Promise.all(
      answers.filter(({ status }) => status === 200).map((answer) => answer.json()),
    )
    expect(granted).toHaveLength(1)
    for (const { access_token } of granted) expect((await userinfo(provider, access_token)).status).toBe(401)
    provider.lie({ unchecked: ["single_use"] })
    expect((await exchange(provider, { form: { code } })).status).toBe(200)
  })

  test("a code lasts a minute, an access token an hour", async () => {
    const code = provider.authorize(authorizationUrl(provider)).get("code") ?? ""
    const later = provider.authorize(authorizationUrl(provider)).get("code") ?? ""
    clock.advance(59_999)
    const { access_token } = await (await exchange(provider, { form: { code } })).json()
    clock.advance(1)
    expect((await exchange(provider, { form: { code: later } })).status).toBe(400)
    provider.lie({ unchecked: ["expiry"] })
    expect((await exchange(provider, { form: { code: later } })).status).toBe(200)
    clock.advance(3_599_998)
    expect((await userinfo(provider, access_token)).status).toBe(200)
    clock.advance(1)
    expect((await userinfo(provider, access_token)).status).toBe(401)
    provider.lie({ unchecked: ["access_token"] })
    expect((await userinfo(provider, "anything")).status).toBe(200)
  })
})
