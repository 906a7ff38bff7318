import { setTimeout } from "node:timers/promises"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { forgedIdTokens } from "./hostile-provider/forged-id-tokens.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import type { Lies } from "./hostile-provider/lies.js"
import { referenceSignIn } from "./hostile-provider/reference-client.js"
import { exchange, userinfo } from "./hostile-provider/requests-by-hand.js"

// Every lie takes effect: a client that does everything right notices it, and notices nothing once it is taken back.

let provider: HostileProvider

beforeAll(async () => {
  provider = await startHostileProvider()
})
beforeEach(() => provider.reset())
afterAll(() => provider.stop())

describe("it lies as it is told", () => {
  test.each(forgedIdTokens)("in an ID token: $name", async ({ lies }) => {
    provider.lie(lies(provider))
    await expect(referenceSignIn(provider)).rejects.toThrow()
    expect(provider.requests.token).toHaveLength(1)
    expect(provider.requests.userinfo).toHaveLength(0)
    expect(provider.requests.trap).toHaveLength(0)
    provider.lies = {}
    await referenceSignIn(provider)
  })

  test.each<[string, string, Lies]>([
    ["another issuer", '"issuer" property does not match', { discovery: { issuer: "https://evil.example" } }],
    ["no issuer", '"issuer" property must be', { discovery: { issuer: undefined } }],
    ["not an object", "top level object", { discovery: () => [] }],
  ])("in the discovery document: %s", async (_, noticed, lies) => {
    provider.lie(lies)
    await expect(referenceSignIn(provider)).rejects.toThrow(noticed)
    expect(provider.requests.all.map(({ endpoint }) => endpoint)).toEqual(["discovery"])
  })

  test.each<[string, string, NonNullable<Lies["authorization"]>]>([
    ["state replaced", 'unexpected "state"', { state: "another" }],
    ["state dropped", '"state" missing', { state: undefined }],
    ["state twice", '"state" parameter must be provided only once', { state: (truth) => [truth, truth] }],
    ["code twice", '"code" parameter must be provided only once', { code: (truth) => [truth, "another"] }],
    ["iss replaced", 'unexpected "iss"', { iss: "https://evil.example" }],
    ["iss dropped", "(issuer) missing", { iss: undefined }],
    ["denied", "is an error", { error: "access_denied", code: undefined }],
  ])("in the way back: %s", async (_, noticed, authorization) => {
    provider.lie({ authorization })
    for (const way of ["direct", "query", "form_post"] as const)
      await expect(referenceSignIn(provider, { way })).rejects.toThrow(noticed)
    expect(provider.requests.token).toHaveLength(0)
  })

  test("a test tampers with what it brings back", async () => {
    const onTheWay = (parameters: URLSearchParams): URLSearchParams => {
      parameters.set("code", "tampered")
      return parameters
    }
    await expect(referenceSignIn(provider, { onTheWay })).rejects.toMatchObject({ error: "invalid_grant" })
  })

  test.each<[string, string, Lies]>([
    ["token_type", "unsupported `token_type`", { token: { token_type: "mac" } }],
    ["no access token", '"access_token" property', { token: { access_token: undefined } }],
    ["no ID token", '"id_token" property', { token: { id_token: undefined } }],
    ["a list", "top level object", { token: () => [] }],
    ["the sub of another user", 'unexpected "response" body "sub"', { userinfo: { sub: "another" } }],
    ["no sub", '"sub" property must be', { userinfo: { sub: undefined } }],
    [
      "a JWT instead of JSON, of another client",
      'unexpected JWT "aud"',
      { userinfoJwt: { claims: { aud: "another" } } },
    ],
    ["no keys", "no applicable key", { jwks: { keys: [] } }],
    ["an object that is no key set", "Set malformed", { jwks: () => ({}) }],
    ["keys that are not JSON", "Failed to parse", { answers: { jwks: { raw: "<html>" } } }],
    ["an error", "unexpected HTTP status code", { answers: { token: { status: 500 } } }],
    [
      "HTML",
      "content-type must be",
      { answers: { token: { raw: "<p>", headers: { "content-type": "text/html" } } } },
    ],
    ["a connection that ends", "fetch failed", { answers: { token: { hangUp: true } } }],
    [
      "a status that depends on the request",
      "UserInfo Endpoint response (unexpected HTTP status",
      { answers: { userinfo: ({ method }) => (method === "GET" ? { status: 403 } : {}) } },
    ],
  ])("in tokens, keys and UserInfo: %s", async (_, noticed, lies) => {
    provider.lie(lies)
    await expect(referenceSignIn(provider)).rejects.toThrow(noticed)
  })

  test("duplicate and private keys are published when told to", async () => {
    const { kid, publicJwk, privateJwk } = provider.key
    const twin = { ...provider.stranger.publicJwk, kid }
    provider.lie({ jwks: { keys: [twin, publicJwk, privateJwk] } })
    const { keys } = await (await fetch(`${provider.origin}/jwks`)).json()
    expect(keys).toMatchObject([{ kid }, { kid }, { kid, d: expect.any(String) }])
  })

  test("rotated keys: the new one signs; the earlier one is gone, or kept", async () => {
    const earlier = provider.key
    const kept = provider.rotateKeys({ earlier: "keep" })
    expect(provider.keys).toEqual([kept, earlier])
    expect((await referenceSignIn(provider)).claims.sub).toBe(provider.user.sub)
    provider.rotateKeys()
    provider.lie({ idToken: { key: earlier } })
    await expect(referenceSignIn(provider)).rejects.toThrow()
    expect(provider.requests.jwks).toHaveLength(2)
    provider.reset()
    expect(provider.keys).toEqual([earlier])
    expect(provider.requests.all).toEqual([])
  })

  test("a redirect, a size, a delay", async () => {
    provider.lie({
      answers: { jwks: { redirect: provider.trap, status: 307 }, userinfo: { padTo: 600_000 } },
    })
    expect((await fetch(`${provider.origin}/jwks`)).url).toBe(provider.trap)
    expect(provider.requests.trap).toHaveLength(1)
    const { access_token } = await (await exchange(provider)).json()
    const padded = await (await userinfo(provider, access_token)).text()
    expect([padded.length, JSON.parse(padded).sub]).toEqual([600_000, provider.user.sub])
    provider.lie({ answers: { jwks: { delay: 50 } } })
    const before = performance.now()
    expect((await fetch(`${provider.origin}/jwks`)).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThanOrEqual(45)
  })

  test("an answer that never comes, that stops, that never ends", async () => {
    const address = `${provider.origin}/jwks`
    provider.lie({ answers: { jwks: { stall: "headers" } } })
    await expect(fetch(address, { signal: AbortSignal.timeout(100) })).rejects.toThrow("timeout")
    provider.lie({ answers: { jwks: { stall: "body" } } })
    const stopped = (await fetch(address)).body?.getReader()
    expect((await stopped?.read())?.value?.length).toBeGreaterThan(100)
    expect(await Promise.race([stopped?.read(), setTimeout(100, "nothing more")])).toBe("nothing more")
    await stopped?.cancel()
    provider.lie({ answers: { jwks: { endless: true } } })
    const reader = (await fetch(address)).body?.getReader()
    let read = 0
    while (read < 5_000_000) read += (await reader?.read())?.value?.length ?? Number.NaN
    await reader?.cancel()
    expect(read).toBeGreaterThanOrEqual(5_000_000)
  })

  test("what lies say adds up until it is replaced", () => {
    provider.lie({ idToken: { signature: "stranger" }, token: { scope: "a" } })
    provider.lie({ idToken: { header: { typ: "at+jwt" } }, token: { expires_in: 1 } })
    expect(provider.lies).toEqual({
      idToken: { signature: "stranger", header: { typ: "at+jwt" } },
      token: { expires_in: 1 },
    })
    provider.lies = { jwks: { keys: [] } }
    expect(provider.lies).toEqual({ jwks: { keys: [] } })
  })
})
