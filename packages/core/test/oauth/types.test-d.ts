// Compiled, never run: what a host may write with providers, what it gets back, and what must not compile.
import { GitHub } from "arctic"
import { expectTypeOf } from "vitest"
import { createAuth, type OpenedSession, type Outcome, opaque, type User } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import {
  type Api,
  type ApiProfile,
  type Arrival,
  encryptedTokens,
  type GoogleClaims,
  github,
  google,
  type IdentityView,
  type MicrosoftClaims,
  microsoft,
  type OAuthSteps,
  oauth,
  oauth2,
  oidc,
  type PendingView,
  type Profile,
  type Provider,
  type ProviderTokens,
  type StandardClaims,
} from "../../src/oauth.js"
import { arctic } from "../../src/oauth-arctic.js"
import { password } from "../../src/password.js"
import { testHasher } from "../../src/testing/test-hasher.js"

const client = { clientId: "id", clientSecret: "secret" }
const named = { ...client, name: "mine", label: "Mine" }
const { challenges, credentials, rateLimits, sessions, users } = memoryStores()
const basics = {
  origin: "https://app.example.com",
  secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
  sessions: opaque(),
}
const flows = { oauth: oauth({ providers: [google(client)] }), password: password({ hasher: testHasher() }) }
const stores = { challenges, credentials, rateLimits, sessions, users }

// The slots that it takes.
const auth = createAuth({ ...basics, flows, stores })
// @ts-expect-error challenges is missing
createAuth({ ...basics, flows, stores: { credentials, rateLimits, sessions, users } })
// @ts-expect-error rateLimits is missing
createAuth({ ...basics, flows: { oauth: flows.oauth }, stores: { challenges, credentials, sessions, users } })
// @ts-expect-error users keep no challenges
createAuth({ ...basics, flows, stores: { ...stores, challenges: users } })
const keyValue = {
  get: async (_key: string): Promise<string | undefined> => undefined,
  set: async (_key: string, _value: string, _expiresAt: number): Promise<void> => {},
  delete: async (_key: string): Promise<void> => {},
}
// @ts-expect-error a state is taken once, which key-value stores cannot promise
createAuth({ ...basics, flows, stores: { ...stores, challenges: keyValue } })
// Without the flow the slot is not needed.
createAuth({
  ...basics,
  flows: { password: flows.password },
  stores: { credentials, rateLimits, sessions, users },
})

// Steps under the host's own name for the flow.
expectTypeOf(auth.flows.oauth).toExtend<OAuthSteps>()
expectTypeOf(auth.flows.oauth.start).returns.resolves.toEqualTypeOf<
  Outcome<{ url: string; binding: string }>
>()
expectTypeOf(auth.flows.oauth.callback).returns.resolves.toEqualTypeOf<Arrival>()
expectTypeOf(auth.flows.oauth.pending).returns.resolves.toEqualTypeOf<PendingView | undefined>()
expectTypeOf(auth.flows.oauth.identities).returns.resolves.toEqualTypeOf<readonly IdentityView[]>()
expectTypeOf(auth.flows.oauth.unlink).returns.resolves.toEqualTypeOf<
  Outcome<{ session: OpenedSession<object> }>
>()
expectTypeOf(auth.flows.oauth.claim).returns.resolves.toEqualTypeOf<
  Outcome<{ user: User; session: OpenedSession<object>; returnTo: string | undefined }>
>()
expectTypeOf(auth.flows.oauth.accessToken).returns.resolves.toEqualTypeOf<
  Outcome<{ accessToken: string; expiresAt: number | undefined }>
>()
expectTypeOf(auth.flows.oauth.providers).toEqualTypeOf<
  readonly { readonly name: string; readonly label: string }[]
>()
expectTypeOf(createAuth({ ...basics, flows: { sso: flows.oauth }, stores }).flows.sso).toExtend<OAuthSteps>()
// @ts-expect-error there is no such step
auth.flows.oauth.signIn
// @ts-expect-error a provider has to be named
auth.flows.oauth.start({})
// @ts-expect-error whoever links is signed in: a context is needed
auth.flows.oauth.startLink({ provider: "google" })
// @ts-expect-error the same for taking one away
auth.flows.oauth.unlink({ identity: "x" })
// @ts-expect-error and for proving the old way in
auth.flows.oauth.confirm({ pending: "x" })

// What a step grants is there after its outcome was looked at, and not before.
const arrival = await auth.flows.oauth.callback({
  provider: "google",
  parameters: new URLSearchParams(),
  binding: "x",
})
// @ts-expect-error a refusal has no session
arrival.session
// @ts-expect-error nor has what was linked
if (arrival.ok) arrival.session
if (arrival.ok && arrival.purpose === "sign_in") expectTypeOf(arrival.session.token).toEqualTypeOf<string>()
if (!arrival.ok) expectTypeOf(arrival.returnTo).toEqualTypeOf<string | undefined>()
const departure = await auth.flows.oauth.start({ provider: "google" })
// @ts-expect-error an address is there only after `ok` was checked
departure.url
const token = await auth.flows.oauth.accessToken("id", "google")
// @ts-expect-error a token is there only after `ok` was checked
token.accessToken

// Options.
oauth({
  providers: [],
  create: (profile, provider) => {
    expectTypeOf(profile).toEqualTypeOf<Profile>()
    expectTypeOf(provider).toEqualTypeOf<string>()
    return profile.emailVerified === true
  },
  onEmailMatch: "link",
  requireVerifiedEmail: true,
  fresh: "5m",
  tokens: encryptedTokens(),
  network: { loopback: ["http://localhost:4100"], fetch },
  limits: { starts: { limit: 10, window: "10m" } },
})
oauth({ providers: [], create: async () => false })
// @ts-expect-error providers are needed
oauth({})
// @ts-expect-error google is to be called
oauth({ providers: [google] })
// @ts-expect-error one of three words
oauth({ providers: [], onEmailMatch: "merge" })
// @ts-expect-error whether, not who
oauth({ providers: [], create: () => "yes" })
// @ts-expect-error a keeper is to be made
oauth({ providers: [], tokens: encryptedTokens })
// @ts-expect-error a time
oauth({ providers: [], fresh: "soon" })
// @ts-expect-error both or none
oauth({ providers: [], limits: { starts: { limit: 10 } } })
// @ts-expect-error there is no such option
oauth({ providers: [], linkByEmail: true })

// Each kind maps what its provider says.
google({
  ...client,
  profile: (claims) => {
    expectTypeOf(claims).toEqualTypeOf<GoogleClaims>()
    expectTypeOf(claims.hd).toEqualTypeOf<string | undefined>()
    return { email: `${claims.email}`, emailVerified: claims.email_verified === true }
  },
})
microsoft({
  ...client,
  tenant: "organizations",
  profile: (claims) => {
    expectTypeOf(claims).toEqualTypeOf<MicrosoftClaims>()
    expectTypeOf(claims.tid).toEqualTypeOf<string | undefined>()
    return { emailVerified: claims.xms_edov === true }
  },
})
oidc({
  ...named,
  issuer: "https://id.example.com",
  profile: (claims) => {
    expectTypeOf(claims).toEqualTypeOf<StandardClaims>()
    expectTypeOf(claims.sub).toEqualTypeOf<string>()
    expectTypeOf(claims.email).toEqualTypeOf<unknown>()
    return {}
  },
})
github({
  ...client,
  profile: async (api) => {
    expectTypeOf(api).toEqualTypeOf<Api>()
    expectTypeOf(await api("https://api.github.com/user")).toEqualTypeOf<unknown>()
    return { subject: "1" }
  },
})
oauth2({
  ...named,
  issuer: "https://id.example.com",
  authorizationEndpoint: "https://id.example.com/authorize",
  tokenEndpoint: "https://id.example.com/token",
  scopes: ["identify"],
  profile: async (api, tokens): Promise<ApiProfile> => {
    expectTypeOf(api).toEqualTypeOf<Api>()
    expectTypeOf(tokens).toEqualTypeOf<ProviderTokens>()
    return { subject: "1", email: "ada@example.com" }
  },
})
const bridged = {
  name: "github",
  label: "GitHub",
  issuer: "https://github.com",
  client: new GitHub("id", "secret", null),
}
expectTypeOf(arctic({ ...bridged, profile: async () => ({ subject: "1" }) })).toEqualTypeOf<Provider>()
arctic({
  ...bridged,
  idToken: {
    clientId: "id",
    jwksUri: "https://id.example.com/jwks",
    profile: (claims) => {
      expectTypeOf(claims.sub).toEqualTypeOf<string>()
      return {}
    },
  },
})

// @ts-expect-error a claim is unknown until it was looked at
google({ ...client, profile: (claims) => ({ email: claims.email }) })
// @ts-expect-error Google says nothing of tenants
google({ ...client, profile: (claims) => ({ name: claims.tid.toUpperCase() }) })
// @ts-expect-error a subject is what an API has to say; an ID token has said it
google({ ...client, profile: () => ({ subject: "1" }) })
// @ts-expect-error claims are mapped at once
oidc({ ...named, issuer: "https://id.example.com", profile: async () => ({}) })
// @ts-expect-error without a subject nobody is identified
github({ ...client, profile: async () => ({ email: "ada@example.com" }) })
// @ts-expect-error verified or not, no text
google({ ...client, profile: () => ({ emailVerified: "true" }) })
// @ts-expect-error a client has an id
google({ clientSecret: "secret" })
// @ts-expect-error GitHub is no issuer of one's own
github({ ...client, issuer: "https://github.example.com" })
// @ts-expect-error a name and a label are needed where nobody knows the provider
oidc({ ...client, issuer: "https://id.example.com" })
// @ts-expect-error an issuer is needed
oidc({ ...named })
// @ts-expect-error one of three words
oidc({ ...named, issuer: "https://id.example.com", clientAuthentication: "private_key_jwt" })
// @ts-expect-error one of two words
oidc({ ...named, issuer: "https://id.example.com", responseMode: "fragment" })
// @ts-expect-error who the token belongs to must be asked
oauth2({
  ...named,
  issuer: "https://x.example",
  authorizationEndpoint: "https://x.example",
  tokenEndpoint: "https://x.example",
  scopes: [],
})
// @ts-expect-error an object of arctic's, not its class
arctic({ ...bridged, client: GitHub, profile: async () => ({ subject: "1" }) })
