import {
  Auth0,
  Authentik,
  Discord,
  Gitea,
  GitHub,
  GitLab,
  Google,
  KeyCloak,
  Okta,
  Slack,
  Spotify,
  Twitch,
} from "arctic"
import {
  type ApiProfile,
  github,
  githubProfile,
  google,
  microsoft,
  type OAuth2Options,
  oauth2,
  oidc,
  type Provider,
  standardProfile,
} from "../../src/oauth.js"
import { type ArcticClient, type ArcticOptions, arctic } from "../../src/oauth-arctic.js"
import { origin } from "../app.js"
import type { HostileProvider, HostileProviderOptions } from "./hostile-provider/hostile-provider.js"

/** A way to configure a provider, and how the hostile one plays it. */
export interface ProviderKind {
  readonly name: string
  /** By what it is known who came: an ID token, or the provider's API. */
  readonly proof: "id_token" | "api"
  readonly responseMode: "query" | "form_post"
  /**
   * RFC 9207: whether an honest one promises `iss`, sends it without promising, sends none (but a wrong one is refused all the same), or nobody
   * ever told what it calls itself, so that nothing can be compared.
   */
  readonly iss: "promised" | "sent" | "unsent" | "ignored"
  readonly played: HostileProviderOptions
  /** Claims of its users beside the usual ones. */
  readonly user?: Readonly<Record<string, string | boolean>>
  /** Always by the name `remote`. */
  provider(remote: HostileProvider): Provider
}

export const callbackAddress: string = `${origin}/auth/oauth/remote/callback`
export const microsoftTenants: Readonly<Record<"organization" | "other" | "consumers", string>> = {
  organization: "72f988bf-86f1-41af-91ab-2d7cd011db47",
  other: "aaaaaaaa-0000-4000-8000-bbbbbbbbbbbb",
  consumers: "9188040d-6c67-4c5b-b112-36a304b66dad",
}

const shared = { proof: "id_token", responseMode: "query", iss: "sent", played: {} } as const
const named = { name: "remote", label: "Remote" }

/** Every kind of provider that a host can configure; a table for `describe.each`. */
export const providerKinds: readonly ProviderKind[] = [
  oidcKind("oidc()", {}),
  { ...oidcKind("oidc(), form_post", { responseMode: "form_post" }), responseMode: "form_post" },
  { ...oidcKind("oidc(), public client", {}), played: { clientSecret: "" } },
  {
    ...shared,
    name: "google()",
    played: { issuer: "https://accounts.google.com", authentication: ["post"] },
    provider: (remote) => google({ ...named, ...clientOf(remote) }),
  },
  microsoftKind("common"),
  microsoftKind("organizations"),
  microsoftKind(microsoftTenants.organization),
  {
    ...shared,
    name: "github()",
    proof: "api",
    played: { issuer: "https://github.com/login/oauth", authentication: ["post"] },
    provider: (remote) => github({ ...named, ...clientOf(remote) }),
  },
  {
    ...shared,
    name: "oauth2()",
    proof: "api",
    iss: "ignored",
    provider: (remote) =>
      oauth2({
        ...named,
        ...clientOf(remote),
        issuer: "https://social.example.com",
        authorizationEndpoint: "https://social.example.com/oauth/authorize",
        tokenEndpoint: "https://api.social.example.com/oauth/token",
        scopes: ["email", "profile"],
        profile: profileAt("https://api.social.example.com/userinfo"),
      }),
  },
  // arctic, where the host says where the provider is …
  arcticKind("GitLab", (p) => new GitLab(p.origin, p.clientId, p.clientSecret, callbackAddress)),
  arcticKind("Authentik", (p) => new Authentik(p.origin, p.clientId, p.clientSecret, callbackAddress)),
  arcticKind("Gitea", (p) => new Gitea(p.origin, p.clientId, p.clientSecret, callbackAddress)),
  arcticKind("Auth0", (p) => new Auth0("example.eu.auth0.com", p.clientId, p.clientSecret, callbackAddress)),
  arcticKind("Okta", (p) => new Okta("example.okta.com", null, p.clientId, p.clientSecret, callbackAddress)),
  // … and where arctic knows.
  arcticKind("GitHub", (p) => new GitHub(p.clientId, p.clientSecret, callbackAddress), {
    scopes: ["read:user", "user:email"],
    profile: githubProfile,
  }),
  arcticKind("Discord", (p) => new Discord(p.clientId, p.clientSecret, callbackAddress)),
  arcticKind("Slack", (p) => new Slack(p.clientId, p.clientSecret, callbackAddress)),
  arcticKind("Spotify", (p) => new Spotify(p.clientId, p.clientSecret, callbackAddress)),
  arcticKind("Twitch", (p) => new Twitch(p.clientId, p.clientSecret, callbackAddress)),
  arcticIdTokenKind("KeyCloak", "https://id.example.com/realms/x", (p) => {
    const client = new KeyCloak(p.issuer, p.clientId, p.clientSecret, callbackAddress)
    const jwksUri = `${p.issuer}/protocol/openid-connect/certs`
    return { client, jwksUri, responseIssuer: p.issuer }
  }),
  {
    ...arcticIdTokenKind("Google", "https://accounts.google.com", (p) => {
      const client = new Google(p.clientId, p.clientSecret, callbackAddress)
      return { client, jwksUri: "https://www.googleapis.com/oauth2/v3/certs" }
    }),
    iss: "ignored",
  },
]

/** The kinds whose users are known by an ID token. */
export const idTokenKinds: readonly ProviderKind[] = providerKinds.filter(({ proof }) => proof === "id_token")

/** A public client has no secret, not an empty one. */
function clientOf({ clientId, clientSecret }: HostileProvider): { clientId: string; clientSecret?: string } {
  return clientSecret === "" ? { clientId } : { clientId, clientSecret }
}

function oidcKind(name: string, options: { readonly responseMode?: "form_post" }): ProviderKind {
  return {
    ...shared,
    name,
    iss: "promised",
    provider: (remote) => oidc({ ...named, ...clientOf(remote), issuer: remote.issuer, ...options }),
  }
}

function microsoftKind(tenant: string): ProviderKind {
  return {
    ...shared,
    name: `microsoft(), ${tenant}`,
    // Every tenant calls itself something else, so that with several nobody knows beforehand what is right.
    iss: tenant === microsoftTenants.organization ? "unsent" : "ignored",
    played: { issuer: "https://login.microsoftonline.com/{tenantid}/v2.0", authentication: ["post"] },
    user: { tid: microsoftTenants.organization, xms_edov: true },
    provider: (remote) => microsoft({ ...named, ...clientOf(remote), tenant }),
  }
}

function arcticKind(
  className: string,
  client: (remote: HostileProvider) => ArcticClient,
  options: Partial<Pick<ArcticOptions, "scopes" | "profile">> = {},
): ProviderKind {
  return {
    ...shared,
    name: `arctic, ${className}`,
    proof: "api",
    iss: "ignored",
    provider: (remote) =>
      arctic({
        ...named,
        issuer: "https://social.example.com",
        scopes: ["email", "profile"],
        profile: profileAt("https://api.social.example.com/userinfo"),
        client: client(remote),
        ...options,
      }),
  }
}

function arcticIdTokenKind(
  className: string,
  issuer: string,
  made: (remote: HostileProvider) => {
    readonly client: ArcticClient
    readonly jwksUri: string
    readonly responseIssuer?: string
  },
): ProviderKind {
  return {
    ...shared,
    name: `arctic, ${className}, ID token`,
    played: { issuer },
    provider(remote) {
      const { jwksUri, ...options } = made(remote)
      const idToken = { clientId: remote.clientId, jwksUri, profile: standardProfile }
      return arctic({ ...named, issuer, scopes: ["openid", "email", "profile"], idToken, ...options })
    },
  }
}

function profileAt(address: string): OAuth2Options["profile"] {
  return async (api): Promise<ApiProfile> => {
    const user = (await api(address)) as Readonly<Record<string, unknown>>
    return { ...standardProfile(user), subject: user["sub"] as string }
  }
}
