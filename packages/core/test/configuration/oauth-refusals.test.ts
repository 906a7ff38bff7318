/** Every option of `oauth()` and of every provider, wrong in the ways in which it is likely to be wrong: refused while it is built, with what to write. */
import { GitHub } from "arctic"
import { describe, expect, test } from "vitest"
import { ConfigError, createAuth, opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { encryptedTokens, github, google, microsoft, oauth, oauth2, oidc } from "../../src/oauth.js"
import { arctic } from "../../src/oauth-arctic.js"
import { origin, secret } from "../app.js"

const clientSecret = "canary-client-secret-5b1f09d3"
const client = { clientId: "id", clientSecret }
const named = { ...client, name: "mine", label: "Mine" }
const profile = async () => ({ subject: "1" })

/** What a host writes who has no type checker, or overruled it. */
type Anything = (options?: unknown) => never
const of = (make: unknown) => make as Anything

function build(options: unknown): unknown {
  const flows = { oauth: of(oauth)(options) as ReturnType<typeof oauth> }
  return createAuth({ origin, secret, stores: memoryStores(), sessions: opaque(), flows })
}

/** Right, but for what is changed. */
const right = {
  google: client,
  github: client,
  microsoft: client,
  oidc: { ...named, issuer: "https://id.example.com" },
  oauth2: {
    ...named,
    issuer: "https://id.example.com",
    authorizationEndpoint: "https://id.example.com/authorize",
    tokenEndpoint: "https://id.example.com/token",
    scopes: ["identify"],
    profile,
  },
  arctic: {
    name: "mine",
    label: "Mine",
    issuer: "https://github.com",
    client: new GitHub("id", clientSecret, `${origin}/auth/oauth/mine/callback`),
    profile,
  },
}
const functions = { google, github, microsoft, oidc, oauth2, arctic }
type Kind = keyof typeof functions
const kinds = Object.keys(functions) as Kind[]

function provider(kind: Kind, changes: object = {}): unknown {
  return of(functions[kind])({ ...right[kind], ...changes })
}

function refused(make: () => unknown, about: RegExp): void {
  let fault: unknown
  try {
    make()
  } catch (error) {
    fault = error
  }
  expect(fault).toBeInstanceOf(ConfigError)
  const { code, message } = fault as ConfigError
  expect(code).toMatch(/^ERR_CONFIG_(?:PROVIDER|POLICY|LIMIT|DURATION)$/)
  expect(message).toMatch(about)
  expect(message).toMatch(/Write \S/)
  expect(message).not.toContain(clientSecret)
}

test("what is right is built", () => {
  expect(() =>
    build({
      providers: kinds.map((kind) =>
        provider(kind, { name: `p-${kind}`, ...(kind === "arctic" ? right.arctic : {}) }),
      ),
    }),
  ).not.toThrow()
  expect(() => build({ providers: [] })).not.toThrow()
})

describe("oauth()", () => {
  const providers = [google(client)]

  test.each<[string, () => unknown, RegExp]>([
    ["no providers", () => build({}), /providers/],
    ["a provider that stands alone", () => build({ providers: google(client) }), /providers/],
    ["a function that was not called", () => build({ providers: [google] }), /google\(\{|provider/],
    ["a hole", () => build({ providers: [undefined] }), /provider/],
    ["arctic's own object", () => build({ providers: [right.arctic.client] }), /provider/],
    ["two of one name", () => build({ providers: [google(client), google(client)] }), /name.*google/],
    [
      "an unknown word for a match",
      () => build({ providers, onEmailMatch: "merge" }),
      /onEmailMatch.*"prove"/,
    ],
    ["a word for whether to create", () => build({ providers, create: "yes" }), /create/],
    ["a time that is none", () => build({ providers, fresh: "soon" }), /fresh.*5m|fresh.*"30s"/],
    ["no time at all", () => build({ providers, fresh: 0 }), /fresh/],
    ["tokens kept by nothing", () => build({ providers, tokens: true }), /tokens.*encryptedTokens\(\)/],
    [
      "a keeper that was not called",
      () => build({ providers, tokens: encryptedTokens }),
      /tokens.*encryptedTokens\(\)/,
    ],
    [
      "a loopback address that stands alone",
      () => build({ providers, network: { loopback: "http://localhost:4100" } }),
      /loopback/,
    ],
    [
      "a loopback address on the network",
      () => build({ providers, network: { loopback: ["http://192.168.1.7"] } }),
      /loopback.*localhost/,
    ],
    [
      "a loopback address with a path",
      () => build({ providers, network: { loopback: ["http://localhost:4100/x"] } }),
      /loopback/,
    ],
  ])("%s", (_, make, about) => refused(make, about))

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "10", undefined, null])(
    "a limit of %s",
    (limit) =>
      refused(() => build({ providers, limits: { starts: { limit, window: "10m" } } }), /starts\.limit/),
  )

  test.each(["x", 0, -1, undefined])("a window of %s", (window) =>
    refused(() => build({ providers, limits: { starts: { limit: 10, window } } }), /starts\.window/),
  )

  test.each(["", "Google", "my id", "a/b", "-x", "x".repeat(33), "a.b", "é", undefined])(
    "a name like %j",
    (name) => refused(() => build({ providers: [{ ...google(client), name }] }), /name/),
  )

  test.each(["pending", "confirm", "claim", "cancel", "identities", "unlink"])(
    "the flow's own word %s as a name",
    (name) =>
      refused(() => build({ providers: [provider("google", { name })] }), new RegExp(`name.*${name}`)),
  )
})

/** What is no address that may be asked. */
const addresses = [
  "http://id.example.com",
  "id.example.com",
  "",
  undefined,
  "ftp://id.example.com",
  "https://10.0.0.1",
  "https://localhost",
  "http://localhost:4100",
]

/** What is no name for whoever vouches; identities are kept as `issuer|subject`, so a bar in it would make two of them one. */
const issuers = [
  "id.example.com",
  "",
  undefined,
  "ftp://id.example.com",
  "https://id.example.com?x",
  "https://id.example.com#x",
  "https://id.example.com/a|b",
  7,
  null,
]

const withClient = kinds.filter((kind) => kind !== "arctic")
const withIssuer = ["oidc", "oauth2", "arctic"] as const

describe.each(withClient)("%s()", (kind) => {
  test.each<[string, object, RegExp]>([
    ["no client id", { clientId: undefined }, /clientId/],
    ["an empty client id", { clientId: "" }, /clientId/],
    ["a number for a client id", { clientId: 42 }, /clientId/],
    ["an empty secret", { clientSecret: "", clientAuthentication: "post" }, /clientSecret/],
    ["null for a secret", { clientSecret: null, clientAuthentication: "post" }, /clientSecret/],
    ["no secret", { clientSecret: undefined, clientAuthentication: "post" }, /clientSecret/],
    ["scopes as text", { scopes: "openid email" }, /scopes/],
  ])("%s", (_, changes, about) => refused(() => build({ providers: [provider(kind, changes)] }), about))
})

test("github(): no secret, for it has no public clients", () =>
  refused(() => build({ providers: [provider("github", { clientSecret: undefined })] }), /clientSecret/))

describe.each(withIssuer)("%s()", (kind) => {
  test("no name", () => refused(() => build({ providers: [provider(kind, { name: undefined })] }), /name/))

  test.each(issuers)("the issuer %s", (issuer) =>
    refused(() => build({ providers: [provider(kind, { issuer })] }), /issuer/),
  )
})

describe("microsoft()", () => {
  test.each(["", "example.com", "Common", "72F988BF-86F1-41AF-91AB-2D7CD011DB47", "../evil", 7])(
    "the tenant %s",
    (tenant) => refused(() => build({ providers: [provider("microsoft", { tenant })] }), /tenant.*"common"/),
  )
})

describe("oidc()", () => {
  test.each(addresses)("the issuer %s, which is asked", (issuer) =>
    refused(() => build({ providers: [provider("oidc", { issuer })] }), /issuer|address/),
  )

  test.each<[string, object, RegExp]>([
    ["an unknown way to authenticate", { clientAuthentication: "jwt" }, /clientAuthentication/],
    [
      "no authentication, with a secret",
      { clientAuthentication: "none" },
      /clientSecret|clientAuthentication/,
    ],
    [
      "authentication without a secret",
      { clientAuthentication: "basic", clientSecret: undefined },
      /clientSecret/,
    ],
    ["an unknown way to answer", { responseMode: "fragment" }, /responseMode/],
    ["scopes without openid", { scopes: ["email"] }, /scopes.*openid/],
  ])("%s", (_, changes, about) => refused(() => build({ providers: [provider("oidc", changes)] }), about))
})

describe("oauth2()", () => {
  for (const endpoint of ["authorizationEndpoint", "tokenEndpoint"]) {
    test.each(addresses)(`the ${endpoint} %s`, (address) =>
      refused(() => build({ providers: [provider("oauth2", { [endpoint]: address })] }), /address|Endpoint/),
    )
  }

  test.each<[string, object, RegExp]>([
    ["no scopes", { scopes: undefined }, /scopes/],
    ["no profile", { profile: undefined }, /profile/],
    ["an unknown way to authenticate", { clientAuthentication: "jwt" }, /clientAuthentication/],
    [
      "no authentication, with a secret",
      { clientAuthentication: "none" },
      /clientSecret|clientAuthentication/,
    ],
  ])("%s", (_, changes, about) => refused(() => build({ providers: [provider("oauth2", changes)] }), about))
})

describe("arctic()", () => {
  const idToken = { clientId: "id", jwksUri: "https://id.example.com/jwks", profile: () => ({}) }

  test("scopes as text", () =>
    refused(() => build({ providers: [provider("arctic", { scopes: "user:email" })] }), /scopes/))

  test.each<[string, object, RegExp]>([
    ["neither profile nor ID token", { profile: undefined }, /profile.*idToken/],
    ["both", { idToken }, /profile.*idToken/],
    ["no client", { client: undefined }, /client/],
    ["a client that is none", { client: {} }, /client/],
    ["a class in place of its object", { client: GitHub }, /client/],
    [
      "another redirect address",
      { client: new GitHub("id", clientSecret, "https://app.example.com/callback") },
      /redirect.*\/auth\/oauth\/mine\/callback/,
    ],
    [
      "no redirect address",
      { client: new GitHub("id", clientSecret, null) },
      /redirect.*\/auth\/oauth\/mine\/callback/,
    ],
    [
      "keys without https",
      { profile: undefined, idToken: { ...idToken, jwksUri: "http://id.example.com/jwks" } },
      /jwksUri|address/,
    ],
    ["an ID token of nobody", { profile: undefined, idToken: { ...idToken, clientId: "" } }, /clientId/],
  ])("%s", (_, changes, about) => refused(() => build({ providers: [provider("arctic", changes)] }), about))
})
