import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { Json, JsonObject } from "./hostile-provider/lies.js"
import { newSigningKey } from "./hostile-provider/signing-key.js"
import { type PlayedKind, play } from "./played-kind.js"
import { microsoftTenants, type ProviderKind, providerKinds } from "./provider-kinds.js"
import { expectIdTokenRefused } from "./refused-id-token.js"

// Every tenant of Microsoft's is an issuer of its own: the token's `tid` says which, its `iss` and the key must be that tenant's, and the host
// says who may come.

const { consumers, organization, other } = microsoftTenants
const issuerOf = (tid: string): string => `https://login.microsoftonline.com/${tid}/v2.0`

const tenants: readonly (readonly [option: string, mayCome: readonly string[]])[] = [
  ["common", [organization, other, consumers]],
  ["organizations", [organization, other]],
  [organization, [organization]],
]

describe.each(tenants)("tenant: %s", (option, mayCome) => {
  let played: PlayedKind
  beforeAll(async () => {
    played = await play(kindOf(option))
    expect(played.remote.stranger.kid).not.toBe(played.remote.key.kid)
  })
  beforeEach(() => played.reset())
  afterAll(() => played.remote.stop())

  const cameFrom = (tid: string): void => {
    played.remote.user = { ...played.remote.user, tid }
  }
  const signedWith = (key: JsonObject): void =>
    played.remote.lie({ jwks: { keys: [{ ...played.remote.key.publicJwk, ...key }] } })
  const signIn = (): Promise<string> => played.signIn(played.host().browser())

  test.each([organization, other, consumers])("somebody of %s", async (tid) => {
    cameFrom(tid)
    if (mayCome.includes(tid)) expect(await signIn()).toBe("/workspace")
    else await expectIdTokenRefused(played, "iss")
  })

  test.each<[string, JsonObject]>([
    ["no tid", { tid: undefined }],
    ["an empty tid", { tid: "" }],
    ["tid is common", { tid: "common", iss: issuerOf("common") }],
    ["tid is organizations", { tid: "organizations", iss: issuerOf("organizations") }],
    ["tid is the placeholder", { tid: "{tenantid}", iss: issuerOf("{tenantid}") }],
    ["tid in capitals", { tid: organization.toUpperCase(), iss: issuerOf(organization.toUpperCase()) }],
    ["tid in braces", { tid: `{${organization}}`, iss: issuerOf(`{${organization}}`) }],
    ["tid that leads elsewhere", { tid: `../${organization}`, iss: issuerOf(`../${organization}`) }],
    ["tid and a line feed", { tid: `${organization}\n`, iss: issuerOf(`${organization}\n`) }],
    ["tid is a list", { tid: [organization] }],
    ["tid is a number", { tid: 1 }],
    ["iss of another tenant", { iss: issuerOf(other) }],
    ["iss of common", { iss: issuerOf("common") }],
    ["iss with the placeholder", { iss: issuerOf("{tenantid}") }],
    ["iss of version 1", { iss: `https://sts.windows.net/${organization}/` }],
    ["iss of another cloud", { iss: `https://login.microsoftonline.us/${organization}/v2.0` }],
    ["iss without https", { iss: issuerOf(organization).replace("https", "http") }],
    ["tid of another tenant", { tid: other }],
  ])("%s", async (_, claims) => {
    played.remote.lie({ idToken: { claims } })
    await expectIdTokenRefused(played, "iss")
  })

  test.each<[string, Json]>([
    ["of private accounts", issuerOf(consumers)],
    ["of another tenant", issuerOf(other)],
    ["of another cloud", "https://login.microsoftonline.us/{tenantid}/v2.0"],
    ["that is empty", ""],
    ["that is null", null],
    ["that is a list", [issuerOf(organization)]],
  ])("a key with an issuer %s signs for no organization", async (_, issuer) => {
    signedWith({ issuer })
    await expectIdTokenRefused(played, "kid")
  })

  test.each([
    ["of every tenant", issuerOf("{tenantid}")],
    ["of the tenant", issuerOf(organization)],
  ])("a key with an issuer %s signs for the organization", async (_, issuer) => {
    signedWith({ issuer })
    expect(await signIn()).toBe("/workspace")
  })

  test("a token without kid, and a key that may not sign for it", async () => {
    signedWith({ issuer: issuerOf(consumers) })
    played.remote.lie({ idToken: { header: { kid: undefined } } })
    await expectIdTokenRefused(played, "kid")
  })

  test("a key that may sign does not vouch for one of the same name that may not", async () => {
    const { key } = played.remote
    const keys = [
      { ...key.publicJwk, issuer: issuerOf(consumers) },
      { ...newSigningKey("ES256").publicJwk, kid: key.kid, issuer: issuerOf("{tenantid}") },
    ]
    for (const all of [keys, [...keys].reverse()]) {
      played.remote.lie({ jwks: { keys: all } })
      await expectIdTokenRefused(played, "kid")
    }
  })

  test("one sub in two tenants is two users", async () => {
    const host = played.host()
    expect(await played.signIn(host.browser())).toBe("/workspace")
    played.remote.user = { ...played.remote.user, tid: other, email: "countess@example.com" }
    const second = await played.signIn(host.browser())
    expect(second === "/workspace").toBe(mayCome.includes(other))
    expect(await host.stores.users.list({ limit: 10 })).toHaveLength(mayCome.includes(other) ? 2 : 1)
  })
})

describe("whether the address is verified", () => {
  let played: PlayedKind
  beforeAll(async () => {
    played = await play(kindOf("common"))
  })
  beforeEach(() => played.reset())
  afterAll(() => played.remote.stop())

  test.each<[string, JsonObject, boolean]>([
    ["xms_edov is true", { xms_edov: true }, true],
    ["xms_edov is 1", { xms_edov: 1 }, true],
    ["xms_edov is the text 1", { xms_edov: "1" }, true],
    ["no xms_edov", { xms_edov: undefined }, false],
    ["xms_edov is false", { xms_edov: false }, false],
    ["xms_edov is the text false", { xms_edov: "false" }, false],
    ["xms_edov is 0", { xms_edov: 0 }, false],
    ["xms_edov is null", { xms_edov: null }, false],
    ["xms_edov is an object", { xms_edov: {} }, false],
    [
      "only email_verified, which Microsoft does not send",
      { xms_edov: undefined, email_verified: true },
      false,
    ],
  ])("%s", async (_, claims, verified) => {
    const host = played.host()
    played.remote.lie({ idToken: { claims } })
    await played.signIn(host.browser())
    const user = await host.stores.users.findByEmail("ada@example.com")
    expect(user?.emailVerifiedAt).toBe(verified ? host.clock() : null)
  })
})

function kindOf(tenant: string): ProviderKind {
  const kind = providerKinds.find(({ name }) => name === `microsoft(), ${tenant}`)
  if (!kind) throw new Error(`no kind for ${tenant}`)
  return kind
}
